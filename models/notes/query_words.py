"""A question in, the words to look for in the notes out.

Words are compared without case and accents, and by their beginning: "llaves" finds "llave". With
a word of config/household_words.txt goes what means the same, in either language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from msgspec import Struct

from models.folding import folded

MOST_WORDS: Final = 12
"""More say nothing more about a question, and each costs time."""

SYNONYMS_FILE: Final = Path(__file__).parents[2] / "config" / "household_words.txt"

_Stem: TypeAlias = str
"""An FTS5 expression: a word in quotes, or the beginning of words with a star behind it."""

_WORD: Final = re.compile(r"[^\W_]+")
_LEAST_CUT: Final = 5
"""Words this long lose their ending: one character, two from eight on."""
_LONG: Final = 8

_ENGLISH: Final = (
    "a about after again all also an and any are as at be been before but by can could day did "
    "do does for from get give go had has have he her here him his how i if in into is it its "
    "just know let like many me more most much must my need no not of off on one or other our "
    "out over please say she should so some still tell than that the their them then there "
    "these they thing this those time to too up us use was we were what when where which while "
    "who whom whose why will with would yes you your"
)
_SPANISH: Final = (
    "ahi ahora al algo alguien algun alguna alla alli antes aqui asi aun aunque bien cada como "
    "con cosa cual cuales cuando cuanta cuantas cuanto cuantos de debe debo del desde dia dice "
    "dime donde dos el ella ellos en entre era eran es esa ese eso esta estaba estan estar este "
    "esto estos fue ha habia hace hacer hacia han hasta hay he la las le les lo los mas me mi "
    "mis mucho muy nada ni no nos nuestra nuestro o otra otro para pero por porque puede pueden "
    "puedo que quien quienes quiere se sea ser si sin sobre solo son su sus tal tambien te "
    "tenemos tener tengo ti tiene tienen toca todo todos tu tus un una unas uno unos usted va "
    "vamos van vez y ya yo"
)
_COMMON: Final = frozenset((*_ENGLISH.split(), *_SPANISH.split()))
"""Words that say nothing about what a question is about."""


class QueryWord(Struct, frozen=True):
    """One word of a question, as FTS5 expressions."""

    alone: str
    """The word itself."""
    wider: str
    """Or any that means the same; the same as `alone` where none is known."""


def query_words(question: str) -> tuple[QueryWord, ...]:
    """Return the words that matter, each once, the first MOST_WORDS."""
    words = dict.fromkeys(_WORD.findall(folded(question)))
    telling = [word for word in words if word not in _COMMON and (len(word) > 1 or word.isdigit())]
    return tuple(dict.fromkeys(map(_query_word, telling[:MOST_WORDS])))


def _query_word(word: str) -> QueryWord:
    alone = _stem(word)
    wider = dict.fromkeys((alone, *_synonyms_of(word)))
    return QueryWord(alone, " OR ".join(wider))


def _synonyms_of(word: str) -> Iterator[_Stem]:
    """Yield what stands in a line with `word`, or with a beginning of it that is listed."""
    known = _lines_by_stem()
    candidates = [f'"{word}"', *(f'"{word[:end]}"*' for end in range(_LEAST_CUT - 1, len(word)))]
    for candidate in candidates:
        for line in known.get(candidate, ()):
            yield from line


@cache
def _lines_by_stem() -> dict[_Stem, list[tuple[_Stem, ...]]]:
    known: dict[_Stem, list[tuple[_Stem, ...]]] = {}
    for line in SYNONYMS_FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        stems = tuple(dict.fromkeys(map(_stem, _WORD.findall(folded(line)))))
        for stem in stems:
            known.setdefault(stem, []).append(stems)
    return known


def _stem(word: str) -> _Stem:
    if len(word) < _LEAST_CUT or not word.isalpha():
        return f'"{word}"'
    cut = 2 if len(word) >= _LONG else 1
    return f'"{word[:-cut]}"*'
