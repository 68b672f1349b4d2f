"""The same recordings with and without speculation in; whether words and answers are the same out.

Qwen2.5-Coder 0.5B thinks by itself here, seeded, at a temperature of 0.8.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.figures import Figures
from benchmarks.turn_daemon import ask, stand_ins
from benchmarks.turn_figures import spread
from benchmarks.turn_latency import Bench, blocks_of
from benchmarks.turn_recordings import compose
from models.store import open_store

_TAIL_S: Final = 2.5
_SETTINGS: Final = ("thinker.temperature=0.8", "thinker.most_tokens=48", "daemon.seed=7")


def measure(bench: Bench, turns: int) -> Figures:
    """Ask the same twice and compare turn by turn."""
    paths = _files(bench, turns)
    with_it, without = (_asked(bench, paths, speculate) for speculate in ("true", "false"))
    pairs = list(zip(with_it, without, strict=False))
    differ = [
        {name: (a[name], b[name]) for name in ("transcript", "answer") if a[name] != b[name]}
        for a, b in pairs
    ]
    rows: Figures = {
        "measured_with": "Qwen2.5-Coder 0.5B, its own answers",
        "recordings": len(paths),
        "turns": (len(with_it), len(without)),
        "same_transcript": sum("transcript" not in each for each in differ),
        "same_answer": sum("answer" not in each for each in differ),
        "voice_to_voice_ms_with": spread([turn["voice_to_voice_ms"] for turn in with_it]),
        "voice_to_voice_ms_without": spread([turn["voice_to_voice_ms"] for turn in without]),
    }
    for number, each in enumerate(differ):
        for name, (one, other) in each.items():
            rows[f"turn {number + 1} {name}"] = f"{one!r} / {other!r}"
    return rows


def _files(bench: Bench, turns: int) -> list[Path]:
    """Write each recording with its room as a file: the next is heard when it is answered."""
    marks = [each for block in blocks_of(turns, 10, bench.data) for each in block]
    return [
        compose([each], bench.data, _TAIL_S).write(bench.folder / f"question-{number}.wav")
        for number, each in enumerate(marks)
    ]


def _asked(bench: Bench, paths: Sequence[Path], speculate: str) -> list[dict[str, Any]]:
    store = open_store()
    voices = stand_ins(store, None) or [f"talker.voices.es={store.files('piper-davefx')['voice']}"]
    options = [*voices, *_SETTINGS, f"daemon.speculate={speculate}", *bench.settings]
    run = ask(paths, bench.folder / "ROOM.wav", options, profile="offline")
    turns: list[dict[str, Any]] = run.report["turns"]
    return turns
