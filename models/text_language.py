"""A written text in, the likeliest of the languages it may be in out. Pure.

For recognisers that write several languages and do not say which.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_ENGLISH: Final = (
    "the a an and or of to in is are was were be it this that what which who how when where "
    "why do does did have has can could will would should i you he she we they my your "
    "please not no yes with for on at from turn set tell me"
)
_SPANISH: Final = (
    "el la los las un una y o de del al a en es son era eran ser esto este esta eso que qué "
    "cuál quién cómo cuándo dónde por para con sin no sí se me te lo le su mi tu yo hay ha "
    "he puede quiero pon enciende apaga dime cuánto más muy pero"
)
_WORDS: Final = {"en": frozenset(_ENGLISH.split()), "es": frozenset(_SPANISH.split())}
"""Function words and the commonest of a home: one in three words of either language."""

_LETTERS: Final = {"es": frozenset("áéíóúñ¿¡ü")}


def guess_language(text: str, languages: Sequence[str]) -> tuple[str, float]:
    """Return a language of `languages`, and its share of the evidence, 0 to 1.

    The first one where nothing tells.
    """
    words = re.findall(r"[^\W\d_]+", text.lower())
    scores = {
        language: sum(word in _WORDS.get(language, ()) for word in words)
        + sum(letter in _LETTERS.get(language, ()) for letter in text.lower())
        for language in languages
    }
    best = max(languages, key=lambda language: scores[language])
    total = sum(scores.values())
    return best, scores[best] / total if total else 1.0 / len(languages)
