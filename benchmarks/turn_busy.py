"""The same questions twice: with the machine to itself, and beside a process on half a core."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from benchmarks.figures import Figures
from benchmarks.turn_figures import spread
from benchmarks.turn_latency import SLOT_S, Answer, Bench, answers_in, blocks_of, run_block
from benchmarks.turn_room import Listener

_NICE: Final = (0, 19)
_PERIOD_S: Final = 0.02
_BUSY: Final = f"""
import os, sys, time
os.nice(int(sys.argv[1]))
while True:
    began = time.monotonic()
    while time.monotonic() < began + {_PERIOD_S / 2}:
        pass
    time.sleep({_PERIOD_S / 2})
"""


def measure(bench: Bench, turns: int) -> Figures:
    """Return voice to voice alone and beside a process of each niceness, and their ratio."""
    alone = _answers(bench, turns)
    alone_ms = [answer.voice_to_voice_ms for answer in alone]
    rows: Figures = {"turns": len(alone), "alone_ms": spread(alone_ms)}
    for nice in _NICE:
        with busy(nice):
            beside = _answers(bench, turns)
        beside_ms = [answer.voice_to_voice_ms for answer in beside]
        medians = spread(beside_ms)["p50"], spread(alone_ms)["p50"]
        rows[f"beside_nice_{nice}_ms"] = {
            **spread(beside_ms),
            "times_alone": round(medians[0] / medians[1], 2) if medians[0] and medians[1] else None,
            "unanswered": sum(a.voice_to_voice_ms is None and not a.cut_off for a in beside),
        }
    return rows


@contextmanager
def busy(nice: int) -> Iterator[None]:
    """Keep half of one core busy, 10 ms of every 20."""
    with subprocess.Popen([sys.executable, "-c", _BUSY, str(nice)]) as process:
        try:
            yield
        finally:
            process.kill()


def _answers(bench: Bench, turns: int) -> list[Answer]:
    listener = Listener()
    found: list[Answer] = []
    for marks in blocks_of(turns, 10, bench.data):
        stream, run = run_block(bench, marks)
        found += answers_in(run.room, stream.questions, SLOT_S, listener, run.report["turns"])
    return found
