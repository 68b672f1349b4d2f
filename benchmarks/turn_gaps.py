"""Answers in real time and the same answers at full speed in; pauses that nobody wrote, out.

At full speed each answer stands in the room as it was made, without a gap that came of waiting.
The same turn has the same sound both times, so what its pauses are longer in real time was added.
"""

from __future__ import annotations

from typing import Any, Final

from benchmarks.figures import Figures
from benchmarks.turn_daemon import SCRIPTS, Run, ask, stand_ins
from benchmarks.turn_figures import spread
from benchmarks.turn_latency import SLOT_S, Bench, blocks_of
from benchmarks.turn_recordings import compose
from benchmarks.turn_room import RATE, last_sound_s, pauses_ms
from models.protocols import Float32Array
from models.store import open_store

_LEAST_MS: Final = 80
"""A shorter silence may be a plosive's."""


def measure(bench: Bench, turns: int) -> Figures:
    """Return by how much pauses within answers are longer than they were written."""
    added: list[float] = []
    uneven = answers = 0
    for marks in blocks_of(turns, 10, bench.data):
        stream = compose(marks, bench.data, SLOT_S)
        options = [*stand_ins(open_store(), SCRIPTS[marks[0].language]), *bench.settings]
        path = stream.write(bench.folder / "stream.wav")
        real = _pauses(ask([path], bench.folder / "ROOM.wav", options))
        made = _pauses(ask([path], bench.folder / "FULL.wav", options, realtime=False))
        for turn in real.keys() & made.keys():
            answers += 1
            if len(real[turn]) != len(made[turn]):
                uneven += 1
                added.append(float(sum(real[turn]) - sum(made[turn])))
                continue
            pairs = zip(real[turn], made[turn], strict=True)
            added += [float(heard - written) for heard, written in pairs]
    return {
        "answers": answers,
        "pauses": len(added),
        "answers_with_another_number_of_pauses": uneven,
        "longer_than_written_ms": spread(added),
    }


def _pauses(run: Run) -> dict[int, list[int]]:
    """Return the pauses within each answer that was heard to its end, by turn."""
    turns = [turn for turn in run.report["turns"] if turn["first_sound_s"] is not None]
    found = {}
    for place, turn in enumerate(turns):
        if turn["heard"] != turn["answer"]:
            continue
        until_s = _until_s(turns, place, run.room)
        first_s = float(turn["first_sound_s"])
        last_s = last_sound_s(run.room, first_s, until_s)
        if last_s is not None:
            found[int(turn["turn"])] = pauses_ms(run.room, first_s, last_s, _LEAST_MS)
    return found


def _until_s(turns: list[dict[str, Any]], place: int, room: Float32Array) -> float:
    if place + 1 < len(turns):
        return float(turns[place + 1]["first_sound_s"]) - 0.05
    return len(room) / RATE
