"""Recordings fed during an answer in; how soon it gave way, and whether it stayed away, out.

Each question interrupts the answer to the one before. The voice's variation is switched off
(`talker.noise = 0`), so that every answer sounds like the first one, which nobody interrupts:
against that one ducking is measured, and what sounds after the silence is known to be the next
answer's beginning or something stale.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct

from benchmarks.figures import Figures
from benchmarks.turn_daemon import LONG_SCRIPTS, ask, stand_ins
from benchmarks.turn_figures import spread
from benchmarks.turn_latency import Bench, blocks_of
from benchmarks.turn_recordings import Question, compose
from benchmarks.turn_room import RATE, first_sound_s, loud
from models.protocols import Float32Array
from models.store import open_store

_ANSWER_S: Final = 16.0
_AFTER_S: Final = 3.2
"""A question comes so long after the last one's end: well within the answer to that."""
_WINDOW_MS: Final = 10
_DUCKED: Final = 0.7
_LAG_MS: Final = 30
_HEARD_DB: Final = -45.0
_QUIET_MS, _MISSED_MS = 250, 60
"""An answer is over when nothing is heard for 250 ms in which it would have been for 60."""
_ALIKE: Final = 0.8
_PROOF_MS: Final = 400
_LEFT_MS: Final = 500
"""An answer that would have been heard for less is over by itself."""


class Interruption(Struct, frozen=True):
    """What became of one answer, in ms from the interrupting words' beginning."""

    ducked_ms: float | None
    silent_ms: float | None
    stale: bool
    """After the silence came a sound that is not the next answer's beginning."""


def measure(bench: Bench, turns: int) -> Figures:
    """Interrupt `turns` answers."""
    found: list[Interruption] = []
    spared = 0
    for marks in blocks_of(turns, 26, bench.data):
        stream = compose(marks, bench.data, _AFTER_S, first_slot_s=_ANSWER_S)
        script = LONG_SCRIPTS[marks[0].language]
        options = [*stand_ins(open_store(), script), "talker.noise=0.0", *bench.settings]
        path: Path = stream.write(bench.folder / "stream.wav")
        run = ask([path], bench.folder / "ROOM.wav", options)
        reference = reference_answer(run.room, stream.questions)
        for before, after in zip(stream.questions, stream.questions[1:], strict=False):
            each = None if reference is None else interruption(run.room, reference, before, after)
            spared += each is None
            found += [each] if each is not None else []
    return {
        "interrupted": len(found),
        "nothing_to_interrupt": spared,
        "ducked_ms": spread([each.ducked_ms for each in found]),
        "never_ducked": sum(each.ducked_ms is None for each in found),
        "silent_ms": spread([each.silent_ms for each in found]),
        "never_silent": sum(each.silent_ms is None for each in found),
        "stale_sounds": sum(each.stale for each in found),
    }


def reference_answer(room: Float32Array, questions: tuple[Question, ...]) -> Float32Array | None:
    """Return the sound of the first answer, which nobody interrupts; None: there was none."""
    end_s = questions[0].end_s
    first_s = first_sound_s(room, end_s, end_s + _ANSWER_S)
    if first_s is None:
        return None
    return room[int(first_s * RATE) : int((end_s + _ANSWER_S) * RATE)]


def interruption(
    room: Float32Array, reference: Float32Array, before: Question, after: Question
) -> Interruption | None:
    """Look at the answer to `before` while `after` is said; None: it was hardly heard just then."""
    begin_s = after.start_s
    first_s = first_sound_s(room, before.end_s, begin_s)
    if first_s is None or first_sound_s(room, begin_s - 0.5, begin_s) is None:
        return None
    first = int(first_s * RATE)
    lag = _lag(room[first : int(begin_s * RATE)], reference)
    meant = np.zeros(len(room), np.float32)
    at = first - lag
    if at < 0:
        return None
    meant[at : at + len(reference)] = reference[: len(meant) - at]
    until_s = min(len(room) / RATE, after.end_s + _AFTER_S)
    if loud(meant[int(begin_s * RATE) : int(until_s * RATE)]).sum() < _LEFT_MS:
        return None
    silent_ms = _silent_ms(room, meant, begin_s, until_s)
    ducked_ms = _ducked_ms(room, meant, begin_s, until_s)
    if silent_ms is not None and (ducked_ms is None or ducked_ms > silent_ms):
        ducked_ms = silent_ms
    stale = False
    if silent_ms is not None:
        next_s = first_sound_s(room, begin_s + silent_ms / 1000 + 0.02, until_s)
        stale = next_s is not None and not _is_beginning(room, int(next_s * RATE), reference)
    return Interruption(ducked_ms, silent_ms, stale)


def _ducked_ms(
    room: Float32Array, meant: Float32Array, begin_s: float, until_s: float
) -> float | None:
    """Return when the answer first is softer than meant, three windows in a row."""
    span = slice(int(begin_s * RATE), int(until_s * RATE))
    heard, wanted = (_levels(sound[span]) for sound in (room, meant))
    known = np.flatnonzero(wanted > 10 ** (_HEARD_DB / 20))
    soft = heard[known] < _DUCKED * wanted[known]
    for place in range(len(soft) - 2):
        if soft[place : place + 3].all():
            return float(known[place] * _WINDOW_MS)
    return None


def _silent_ms(
    room: Float32Array, meant: Float32Array, begin_s: float, until_s: float
) -> float | None:
    """Return when the answer is heard for the last time before it is missed."""
    span = slice(int(begin_s * RATE), int(until_s * RATE))
    heard, wanted = loud(room[span]), loud(meant[span])
    for at in range(len(heard) - _QUIET_MS):
        ahead = slice(at, at + _QUIET_MS)
        if not heard[ahead].any() and wanted[ahead].sum() >= _MISSED_MS:
            return float(at)
    return None


def _levels(sound: Float32Array) -> Float32Array:
    size = _WINDOW_MS * RATE // 1000
    parts = sound[: len(sound) // size * size].reshape(-1, size)
    return np.asarray(np.sqrt((parts**2).mean(axis=1)), np.float32)


def _lag(part: Float32Array, reference: Float32Array) -> int:
    """Return at which sample of `reference` the sound `part` begins, within 30 ms."""
    most = _LAG_MS * RATE // 1000
    length = min(len(part), len(reference) - most, RATE)
    padded = np.pad(reference, (most, 0))[: length + 2 * most]
    return int(np.correlate(padded, part[:length], "valid").argmax()) - most


def _is_beginning(room: Float32Array, at: int, reference: Float32Array) -> bool:
    length = _PROOF_MS * RATE // 1000
    part = room[at : at + length]
    lag = _lag(part, reference)
    same = np.pad(reference, (max(0, -lag), 0))[max(0, lag) :][: len(part)]
    scale = float(np.linalg.norm(part) * np.linalg.norm(same))
    return scale > 0 and float(part[: len(same)] @ same) / scale >= _ALIKE
