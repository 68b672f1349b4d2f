"""Phonemes of a text in, runs out that a voice can say in one breath and one step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")
_BREATH: Final = re.compile(r"(?<=[,;:])\s+")
_SPACE: Final = re.compile(r"\s+")


def runs(phonemes: str, *, most: int, breath: int | None = None) -> Iterator[str]:
    """Yield `phonemes` sentence by sentence, longer ones cut at commas, then at spaces.

    most: longest run in characters; a word longer than that is cut too. Voices are trained on
    sentences, and a run is one step of the talker, whose length must stay bounded.
    breath: sentences longer than this are cut at their commas; by default `most`.
    """
    for sentence in _SENTENCE_END.split(phonemes.strip()):
        for phrase in _gathered(_BREATH.split(sentence), breath or most):
            words = [phrase] if len(phrase) <= most else _SPACE.split(phrase)
            for run in _gathered(words, most):
                for start in range(0, len(run), most):
                    yield run[start : start + most]


def _gathered(pieces: list[str], most: int) -> Iterator[str]:
    """Yield `pieces` put together as long as they stay within `most` characters."""
    gathered = ""
    for piece in pieces:
        if gathered and len(gathered) + 1 + len(piece) > most:
            yield gathered
            gathered = piece
        else:
            gathered = f"{gathered} {piece}" if gathered else piece
    if gathered:
        yield gathered
