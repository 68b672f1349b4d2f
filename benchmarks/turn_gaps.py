"""Answers in real time and the same answers at full speed in; pauses that nobody wrote, out.

At full speed each answer stands in the room as it was made, without a gap that came of waiting.
The same turn has the same sound both times, so where a stretch of speech comes later in real
time than it was made to, the pause before it was longer than written.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from benchmarks.figures import Figures
from benchmarks.turn_daemon import SCRIPTS, Run, ask, stand_ins
from benchmarks.turn_figures import spread
from benchmarks.turn_latency import SLOT_S, Bench, blocks_of
from benchmarks.turn_recordings import compose
from benchmarks.turn_room import RATE, loud
from models.protocols import Float32Array
from models.store import open_store

_PAUSE_MS: Final = 80
"""A shorter silence may be a plosive's."""
_PROOF: Final = 3 * RATE // 10
_EARLY, _LATE = RATE // 50, RATE
"""How much earlier or later than the stretch before it a stretch is looked for."""
_ALIKE: Final = 0.7


def measure(bench: Bench, turns: int) -> Figures:
    """Return by how much pauses within answers are longer than they were written."""
    added: list[float] = []
    answers = unlike = 0
    for marks in blocks_of(turns, 10, bench.data):
        stream = compose(marks, bench.data, SLOT_S)
        options = [*stand_ins(open_store(), SCRIPTS[marks[0].language]), *bench.settings]
        path = stream.write(bench.folder / "stream.wav")
        real = _answers(ask([path], bench.folder / "ROOM.wav", options))
        made = _answers(ask([path], bench.folder / "FULL.wav", options, realtime=False))
        for turn in real.keys() & made.keys():
            answers += 1
            found = added_ms(made[turn], real[turn])
            unlike += sum(each is None for each in found)
            added += [each for each in found if each is not None]
    return {
        "answers": answers,
        "pauses": len(added),
        "stretches_not_found": unlike,
        "longer_than_written_ms": spread(added),
    }


def added_ms(made: Float32Array, heard: Float32Array) -> list[float | None]:
    """Return for each pause of an answer how much longer it was heard than made, in ms.

    Both begin with the answer's first sound. None: the stretch behind it was not found again.
    """
    found: list[float | None] = []
    late = 0
    for begin in _stretches(made)[1:]:
        part = made[begin : begin + _PROOF]
        at = begin + late - _EARLY
        place = _place(part, heard[max(0, at) : at + len(part) + _EARLY + _LATE])
        if place is None:
            found.append(None)
            continue
        more = place + max(0, at) - begin - late
        late += more
        found.append(round(1000 * more / RATE, 1))
    return found


def _stretches(sound: Float32Array) -> list[int]:
    """Return at which samples speech begins behind silence of some length."""
    heard = np.flatnonzero(loud(sound))
    if not len(heard):
        return []
    breaks = np.flatnonzero(np.diff(heard) > _PAUSE_MS)
    return [int(ms) * RATE // 1000 for ms in (heard[0], *heard[breaks + 1])]


def _place(part: Float32Array, within: Float32Array) -> int | None:
    """Return where `part` is in `within`; None: nowhere."""
    if len(within) < len(part):
        return None
    products = np.correlate(within, part, "valid")
    energy = np.concatenate([[0.0], np.cumsum(within.astype(np.float64) ** 2)])
    norms = np.sqrt((energy[len(part) :] - energy[: -len(part)]) * float(part @ part)) + 1e-9
    likeness = products / norms
    best = int(likeness.argmax())
    return best if likeness[best] >= _ALIKE else None


def _answers(run: Run) -> dict[int, Float32Array]:
    """Return the sound of each answer that was heard to its end, by turn."""
    turns = [turn for turn in run.report["turns"] if turn["first_sound_s"] is not None]
    return {
        int(turn["turn"]): _sound(run.room, turns, place)
        for place, turn in enumerate(turns)
        if turn["heard"] == turn["answer"]
    }


def _sound(room: Float32Array, turns: list[dict[str, Any]], place: int) -> Float32Array:
    begin = int(turns[place]["first_sound_s"] * RATE)
    is_last = place + 1 == len(turns)
    end = len(room) if is_last else int(turns[place + 1]["first_sound_s"] * RATE)
    return room[begin:end]
