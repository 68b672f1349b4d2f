"""Phonemes of a text in, runs out that a voice can say in one breath and one step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")
_BREATH: Final = re.compile(r"(?<=[,;:])\s+")
_SPACE: Final = re.compile(r"\s+")


def runs(phonemes: str, *, most: int) -> Iterator[str]:
    """Yield `phonemes` sentence by sentence, longer ones cut at commas, then at spaces.

    most: longest run in characters; a word longer than that is cut too. Voices are trained on
    sentences, and a run is one step of the talker, whose length must stay bounded.
    """
    for sentence in _SENTENCE_END.split(phonemes.strip()):
        yield from _bounded(sentence, most, [_BREATH, _SPACE])


def _bounded(text: str, most: int, cuts: list[re.Pattern[str]]) -> Iterator[str]:
    if len(text) <= most:
        if text:
            yield text
        return
    if not cuts:
        for start in range(0, len(text), most):
            yield text[start : start + most]
        return
    gathered = ""
    for piece in cuts[0].split(text):
        if gathered and len(gathered) + 1 + len(piece) > most:
            yield from _bounded(gathered, most, cuts[1:])
            gathered = piece
        else:
            gathered = f"{gathered} {piece}" if gathered else piece
    yield from _bounded(gathered, most, cuts[1:])
