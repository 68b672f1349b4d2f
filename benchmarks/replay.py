"""Recorded turns in; how many are made the same again by each stage, and how fast, out.

Real recordings are asked at full speed and recorded, with a model that draws its words at random;
then each stage runs again alone on what was recorded, and all of them in a row from the sound on.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.figures import Figures, lines_of
from benchmarks.speech_clips import speech_clips
from benchmarks.turn_daemon import stand_ins
from bus.frames import StageName
from bus.recording import Recording, read_recording
from models.store import open_store
from stages.replaying import STAGES, WHOLE, opened, run_again

_ROOT: Final = Path(__file__).resolve().parent.parent
_SHIPPED: Final = ("question_en.wav", "timer_en.wav")
_LONGEST_S: Final = 5.0
_SETTINGS: Final = (
    "thinker.temperature=0.8", "thinker.most_tokens=24", "daemon.seed=7",
    "capture.gap_between_files_ms=200",
)  # fmt: skip
_EXAMPLES: Final = 5


def main(argv: Sequence[str] | None = None) -> int:
    """Record, replay and print; return 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="bench replay", description=__doc__)
    parser.add_argument("--turns", type=int, default=50)
    parser.add_argument("--profile", default="offline", help="tiny hears English only")
    parser.add_argument("--data", type=Path, help="folder of recordings")
    parser.add_argument("--seed", type=int, default=1, help="which of them")
    parser.add_argument("--realtime", action="store_true", help="record at the clock's speed")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    languages = ("en",) if arguments.profile == "tiny" else ("en", "es")
    paths = _clips(arguments.data, languages, arguments.turns, arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "turns.frames"
        began_s = time.monotonic()
        report = _record(log, paths, arguments)
        rows = {
            "profile": arguments.profile,
            "turns": len(report["turns"]),
            "recorded_in_s": time.monotonic() - began_s,
            "megabytes": log.stat().st_size / 1e6,
            **_replayed(read_recording(log)),
        }
    print(json.dumps(rows) if arguments.json else "\n".join(lines_of(rows)))
    return 0 if rows["all_the_same"] else 1


def _clips(data: Path | None, languages: Sequence[str], turns: int, seed: int) -> list[Path]:
    """Return short recordings, in an order that `seed` makes."""
    if data is None:
        shipped = [_ROOT / "tests" / "recordings" / name for name in _SHIPPED]
        return [shipped[number % len(shipped)] for number in range(turns)]
    found = [
        clip.path
        for clip in speech_clips(data, None)
        if clip.language in languages and 1.0 <= clip.seconds <= _LONGEST_S
    ]
    return random.Random(seed).sample(found, turns)  # noqa: S311 - any order will do


def _record(log: Path, paths: Sequence[Path], arguments: argparse.Namespace) -> dict[str, Any]:
    voices = stand_ins(open_store(), None) if arguments.profile != "tiny" else []
    settings = [word for each in (*voices, *_SETTINGS) for word in ("--set", each)]
    done = subprocess.run(
        [
            sys.executable, str(_ROOT / "run_pipeline.py"), "ask", "--json",
            "--profile", arguments.profile, "--record", str(log), *settings,
            *(["--realtime"] if arguments.realtime else []), *map(str, paths),
        ],
        stdout=subprocess.PIPE, check=False, text=True,
    )  # fmt: skip
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _replayed(recording: Recording) -> Figures:
    """Run each stage again, and all; return how many turns are the same, and how fast."""
    rows: Figures = {}
    same = True
    runs: list[tuple[StageName, ...]] = [*((name,) for name in STAGES), WHOLE]
    for names in runs:
        with opened(recording, names) as stages:
            result = run_again(recording, stages, names)
        differ = result.differences
        same &= not differ
        turns = len(result.recorded.confirmed)
        label = names[0] if len(names) == 1 else "whole"
        rows[label] = {
            "identical": f"{turns - len(differ)} of {turns}",
            "times_real_time": result.times_real_time,
        }
        for count, lines in enumerate(differ.values()):
            if count < _EXAMPLES:
                rows[f"{label} differs {count}"] = lines[0]
    return {**rows, "all_the_same": same}
