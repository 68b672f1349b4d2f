"""One hypothesis after the other in, the words that later ones are expected to keep out. Pure."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Final

_SIGNS: Final = ".,;:!?\u2026\u00a1\u00bf\"'\u201c\u201d\u00ab\u00bb()-"
"""What more sound may change behind a word: "a timer." becomes "a timer for"."""


class StablePrefix:
    """Agreement of successive hypotheses of one utterance.

    Words at the beginning on which two successive hypotheses agree are stable ("LocalAgreement-2"
    of Liu, Spanakis and Niehues, "Low-Latency Sequence-to-Sequence Speech Recognition and
    Translation by Partial Hypothesis Selection", 2020). A hypothesis that says otherwise takes
    them back.
    """

    def __init__(self) -> None:
        self._last: list[str] = []

    def add(self, text: str) -> str:
        """Take the next hypothesis; return the part of `text` that is stable.

        It ends behind a word, without the signs that follow it. A text without words contradicts
        nothing; nothing of it is stable.
        """
        words = list(re.finditer(r"\S+", text))
        if not words:
            return ""
        count = _agreement(self._last, text.split())
        self._last = text.split()
        return text[: words[count - 1].end()].rstrip(_SIGNS) if count else ""


def first_words_agree(one: str, other: str) -> bool:
    """Return whether two hypotheses begin with the same word, whatever its case and signs."""
    words = [_bare(text.partition(" ")[0]).lower() for text in (one, other)]
    return words[0] == words[1] != ""


def _agreement(last: list[str], words: list[str]) -> int:
    """Return how many words at the beginning are the same, but for signs behind the last one."""
    pairs = list(zip(last, words, strict=False))
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    if same < len(pairs) and _bare(pairs[same][0]) == _bare(pairs[same][1]) != "":
        return same + 1
    return same


def _bare(word: str) -> str:
    return word.rstrip(_SIGNS)
