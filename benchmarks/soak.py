"""One short question after the other at full speed in; how memory, files and threads go, out."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from benchmarks.figures import Figures, lines_of
from benchmarks.idle import processes_below
from bus.frames import Closed, SourceEnded
from config.load import load_settings
from config.session import Session
from supervisor.daemon import Daemon
from supervisor.memory import pss_mb

_RECORDING: Final = Path(__file__).parent.parent / "tests" / "recordings" / "question_en.wav"
_LEFT_OUT: Final = 0.25
"""Of the samples, at the beginning: heaps, caches and histories fill up to their bounds."""
_BOUND_MB: Final = 1.0
"""Per 1,000 turns and process."""


class Sample(Struct, frozen=True):
    """What one process holds after so many turns."""

    turns: int
    pss_mb: float
    files: int
    threads: int


def main(argv: Sequence[str] | None = None) -> int:
    """Ask and ask again; return 1 where something grows or a turn was not answered."""
    parser = argparse.ArgumentParser(prog="bench soak", description=__doc__)
    parser.add_argument("--turns", type=int, default=2_000)
    parser.add_argument("--profile", default="tiny")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many")
    parser.add_argument("--every", type=int, default=20, help="turns between two samples")
    parser.add_argument("--set", action="append", default=[], dest="assignments", metavar="k=v")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    settings = load_settings(
        arguments.profile,
        None,
        ["capture.gap_between_files_ms=100", "thinker.most_tokens=6", *arguments.assignments],
    )
    session = Session(recordings=(str(_RECORDING),) * arguments.turns, realtime=False, room="")
    with Daemon(settings, session) as daemon:
        samples, endings, seconds = _watch(daemon, arguments.every, arguments.minutes * 60)
        restarts = {name: signs["restarts"] for name, signs in daemon.vital_signs().items()}
    processes = {name: growth(rows, _LEFT_OUT) for name, rows in samples.items()}
    figures: Figures = {
        "turns": endings.total(),
        "answered": endings["answered"],
        "turns_per_s": endings.total() / seconds,
        "restarts": sum(int(each or 0) for each in restarts.values()),
        "processes": processes,
    }
    print(json.dumps(figures) if arguments.json else "\n".join(lines_of(figures)))
    steady = all(
        each["mb_per_1000_turns"] <= _BOUND_MB
        and max(each["more_files"], each["more_threads"]) <= 0
        for each in processes.values()
    )
    return 0 if steady and endings["answered"] == endings.total() else 1


def growth(samples: Sequence[Sample], left_out: float) -> Figures:
    """Return the slope of memory over turns, and how many files and threads came to stay.

    left_out: the part of the samples, at the beginning, that is not looked at.
    """
    late = samples[int(len(samples) * left_out) :]
    slope, _ = statistics.linear_regression(
        [sample.turns for sample in late], [sample.pss_mb for sample in late]
    )
    return {
        "mb_per_1000_turns": round(1000 * slope, 2),
        "first_mb": round(late[0].pss_mb, 1),
        "last_mb": round(late[-1].pss_mb, 1),
        "more_files": _more([sample.files for sample in late]),
        "more_threads": _more([sample.threads for sample in late]),
    }


def _more(counts: Sequence[int]) -> int:
    """Return how many came to stay: a turn's log may or may not be open when it is looked."""
    part = max(1, len(counts) // 3)
    return statistics.median_high(counts[-part:]) - statistics.median_low(counts[:part])


def _watch(
    daemon: Daemon, every: int, most_s: float
) -> tuple[dict[str, list[Sample]], Counter[str], float]:
    """Return the samples by process, how turns ended, and how long they took."""
    samples: dict[str, list[Sample]] = {}
    endings: Counter[str] = Counter()
    began_s = time.monotonic()
    ended = False
    while not ended and time.monotonic() < began_s + most_s:
        for frame in daemon.step():
            ended = ended or isinstance(frame, SourceEnded)
            if not isinstance(frame, Closed):
                continue
            endings[frame.reason] += 1
            if endings.total() % every == 0:
                for pid, name in {os.getpid(): "supervisor", **processes_below()}.items():
                    samples.setdefault(name, []).append(_sample(pid, endings.total()))
    return samples, endings, time.monotonic() - began_s


def _sample(pid: int, turns: int) -> Sample:
    folder = Path(f"/proc/{pid}")
    return Sample(
        turns=turns,
        pss_mb=pss_mb(pid) or 0.0,
        files=len(list((folder / "fd").iterdir())),
        threads=len(list((folder / "task").iterdir())),
    )


if __name__ == "__main__":
    sys.exit(main())
