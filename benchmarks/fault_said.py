"""The room's sound of each answer in; what was said, and how late it was over, out.

What the daemon reports of itself is one witness; the sound that left the loudspeaker is another.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any, Final

import numpy as np
from msgspec import Struct

from benchmarks.fault_left import Left
from benchmarks.turn_room import RATE, Listener, first_sound_s, last_sound_s, loud
from benchmarks.word_error_rate import normalise
from models.protocols import Float32Array

_LONGEST_PAUSE_MS: Final = 120
_SAME_MS: Final = 80
"""Sound that may be played again or left out: 20 ms between two reports, and edges."""
_ALIKE: Final = 0.8
"""Share of letters in common. A sentence that is said twice, or in half, has two thirds."""


class Said(Struct, frozen=True):
    """One answer as the room heard it."""

    answer: str
    """As the daemon reports it."""
    heard: str
    """As the daemon reports it."""
    words: str
    """As the recogniser writes it down from the room's sound, normalised."""
    begins_ms: float | None
    """From the last word of the question to the first sound; None: nothing was heard."""
    ends_ms: float | None
    """From the last word of the question to the last sound."""
    sound_ms: float
    """Sound without its pauses."""


def said(left: Left, listener: Listener) -> list[Said]:
    """Return what was said in answer to each turn of a run."""
    turns = left.turns
    ends_s = [turn["speech_end_s"] or 0.0 for turn in turns]
    untils_s = [*ends_s[1:], len(left.room) / RATE]
    return [
        _said(left, listener, turn, end_s, until_s)
        for turn, end_s, until_s in zip(turns, ends_s, untils_s, strict=True)
    ]


def differs(one: Said, usual: Said, language: str) -> bool:
    """Tell whether anything was said twice, left out, or put otherwise than it was thought.

    The same answer must be the same length of sound, and sound alike. A recogniser writes a word
    that was interrupted down as another one, so letters are compared and not words.
    """
    if one.heard != one.answer or not one.answer:
        return True
    if one.answer == usual.answer and abs(one.sound_ms - usual.sound_ms) > _SAME_MS:
        return True
    wanted = normalise(one.answer, language)
    return SequenceMatcher(None, one.words, wanted, autojunk=False).ratio() < _ALIKE


def _said(
    left: Left, listener: Listener, turn: dict[str, Any], end_s: float, until_s: float
) -> Said:
    begins_s = first_sound_s(left.room, end_s, until_s)
    ends_s = last_sound_s(left.room, end_s, until_s)
    sound = np.zeros(0, np.float32)
    if begins_s is not None and ends_s is not None:
        sound = _without_pauses(left.room[int(begins_s * RATE) : int((ends_s + 0.1) * RATE)])
    words = listener.words(sound, 0.0, len(sound) / RATE, turn["language"] or "en")
    return Said(
        turn["answer"],
        turn["heard"],
        words if len(sound) else "",
        _after_ms(begins_s, end_s),
        _after_ms(ends_s, end_s),
        float(np.count_nonzero(loud(sound))),
    )


def _without_pauses(sound: Float32Array) -> Float32Array:
    """Shorten pauses, those of the answer and those that a fault has made."""
    hop = RATE // 1000
    keep = np.repeat(loud(sound), hop)
    quiet_ms = 0
    for at_ms in range(len(keep) // hop):
        quiet_ms = 0 if keep[at_ms * hop] else quiet_ms + 1
        if 0 < quiet_ms <= _LONGEST_PAUSE_MS:
            keep[at_ms * hop : (at_ms + 1) * hop] = True
    return sound[: len(keep)][keep]


def _after_ms(moment_s: float | None, since_s: float) -> float | None:
    return None if moment_s is None else (moment_s - since_s) * 1000
