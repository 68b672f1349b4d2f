"""Real recordings through the whole daemon; times of each step, memory and start-up out.

The thinker has LFM2-1.2B's exact shape with random weights, and a script forces a given answer
through its real forward passes: what is printed says so. The Spanish voice that the default
profile names is stood in for by a second copy of the English one, where it is not in the cache.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.lfm2_shape import shape_file
from models.errors import ModelError
from models.store import ModelStore, open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROOT: Final = Path(__file__).resolve().parent.parent
_RECORDINGS: Final = ("question_en.wav", "timer_en.wav", "question_es.wav", "syrup_es.wav")
_SCRIPT: Final = "Of course, here is what I know about that. It will take about ten minutes."


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code of the daemon."""
    parser = argparse.ArgumentParser(prog="bench turn", description=__doc__)
    parser.add_argument("recordings", nargs="*", type=Path, help="default: the shipped ones")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--profile", default="default", help="another profile's own thinker")
    arguments = parser.parse_args(argv)
    store = open_store()
    recordings = arguments.recordings or [
        _ROOT / "tests" / "recordings" / name for name in _RECORDINGS
    ]
    options = _options(store) if arguments.profile == "default" else []
    runs = [
        _ask(recordings, ["--profile", arguments.profile, *options]) for _ in range(arguments.runs)
    ]
    figures = _figures(runs)
    figures["thinker"] = (
        "LFM2-1.2B's shape, random weights, scripted answer" if options else arguments.profile
    )
    sys.stdout.write(json.dumps(figures) + "\n" if arguments.json else _table(figures))
    return 0


def _options(store: ModelStore) -> list[str]:
    """Return the settings that put stand-ins where the real files cannot be had."""
    options = ["--set", f"thinker.model={shape_file(store)}", "--set", f"thinker.script={_SCRIPT}"]
    try:
        store.files("piper-davefx")
    except ModelError:
        copy = store.derived("piper-joe", "stand-in-voice") / "voice.onnx"
        options += ["--set", f"talker.voices.es={_copied(store, copy)}"]
    return options


def _copied(store: ModelStore, copy: Path) -> Path:
    """Return a copy of the English voice, so that nothing of it is shared in memory."""
    if Path(f"{copy}.json").is_file():
        return copy
    files = store.files("piper-joe")
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(files["voice"].read_bytes())
    Path(f"{copy}.json").write_bytes(files["voice-config"].read_bytes())
    return copy


def _ask(recordings: Sequence[Path], options: Sequence[str]) -> dict[str, Any]:
    command = [sys.executable, str(_ROOT / "run_pipeline.py"), "ask", "--realtime", "--json"]
    done = subprocess.run(
        [*command, *options, *map(str, recordings)], stdout=subprocess.PIPE, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _figures(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    turns = [turn for run in runs for turn in run["turns"]]
    workers = runs[0]["workers"]
    memory = {
        name: statistics.median(run["workers"][name]["pss_mb"] for run in runs) for name in workers
    }
    return {
        "turns": len(turns),
        "voice_to_voice_ms": _spread([turn["voice_to_voice_ms"] for turn in turns]),
        "steps_ms": {
            step: _spread([turn["steps_ms"][step] for turn in turns])
            for step in turns[0]["steps_ms"]
        },
        "ready_ms": _spread([run["ready_ms"] for run in runs]),
        "pss_mb": memory,
        "total_pss_mb": round(sum(memory.values()), 1),
        "restarts": sum(worker["restarts"] for run in runs for worker in run["workers"].values()),
    }


def _spread(values: Sequence[float | None]) -> dict[str, float]:
    known = sorted(value for value in values if value is not None)
    return {
        "p50": round(statistics.median(known), 1),
        "p95": round(known[min(len(known) - 1, int(0.95 * len(known)))], 1),
    }


def _table(figures: dict[str, Any]) -> str:
    rows = [f"thinker: {figures['thinker']}", f"turns: {figures['turns']}"]
    spreads = {
        "voice to voice": figures["voice_to_voice_ms"],
        **figures["steps_ms"],
        "ready": figures["ready_ms"],
    }
    rows += [
        f"{name:15} p50 {ms['p50']:8.1f} ms  p95 {ms['p95']:8.1f} ms"
        for name, ms in spreads.items()
    ]
    rows += [f"{name:15} {mb:8.1f} MB" for name, mb in figures["pss_mb"].items()]
    rows += [
        f"{'total PSS':15} {figures['total_pss_mb']:8.1f} MB",
        f"restarts: {figures['restarts']}",
    ]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
