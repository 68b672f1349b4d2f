"""What was said while an answer is heard: a transcript in, whether it means anything out. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias

Meaning: TypeAlias = Literal["nothing", "backchannel", "stop", "words"]
"""backchannel: "go on, I am listening"; stop: nothing but an order to be silent."""

_Phrase: TypeAlias = tuple[str, ...]

_WORD: Final = re.compile(r"[^\W_]+")
_AGAIN: Final = re.compile(r"(.)\1+")


class Interjections:
    """Knows the backchannels and stop words of all languages at once.

    A single short word is too little to tell a language by, so that one of another language
    counts as well.
    """

    def __init__(
        self,
        backchannels: Mapping[str, Sequence[str]],
        stop_words: Mapping[str, Sequence[str]],
    ) -> None:
        """Take phrases of a word or more, by language."""
        self._backchannels = _phrases(backchannels)
        self._all = self._backchannels | _phrases(stop_words)

    def meaning(self, text: str) -> Meaning:
        """Return what `text` asks for, whatever its case, marks, accents and drawn out letters."""
        words = _words(text)
        if not words:
            return "nothing"
        if _consists_of(words, self._backchannels):
            return "backchannel"
        return "stop" if _consists_of(words, self._all) else "words"


def _phrases(languages: Mapping[str, Sequence[str]]) -> frozenset[_Phrase]:
    return frozenset(_words(phrase) for phrases in languages.values() for phrase in phrases)


def _words(text: str) -> _Phrase:
    """Return the words of `text` in the one spelling that they are compared in."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return tuple(_AGAIN.sub(r"\1", word) for word in _WORD.findall(plain))


def _consists_of(words: _Phrase, phrases: Iterable[_Phrase]) -> bool:
    """Return whether `words` are phrases one behind the other, and nothing else."""
    known = [phrase for phrase in phrases if phrase]
    reached = {0}
    for start in range(len(words)):
        if start in reached:
            reached.update(
                start + len(phrase)
                for phrase in known
                if words[start : start + len(phrase)] == phrase
            )
    return len(words) in reached
