"""Text in, the same with every figure that is left written out in words: the last step. Pure.

Fractions, ordinals, Roman numerals, decades, years, versions, plain numbers.
"""

from __future__ import annotations

import re
from typing import Final

from stages.spoken_agreement import agreed, is_feminine
from stages.spoken_numbers import (
    WRITTEN,
    cardinal,
    feminine,
    number_words,
    ordinal,
    year_words,
)

_FRACTION: Final = re.compile(
    r"(?<![\d/.,])(?:(\d+) +)?(\d{1,2})/(\d{1,3})(?![\d/]|[.,]\d)(?=(?: ([^\W\d]+))?)"
)
_ORDINAL: Final = {
    "es": re.compile(r"(?<![\w.,])(\d{1,3})\.?(?:(er|[rdtvnm][oa]|er[oa])\b|([ºª]))"),
    "en": re.compile(r"(?<![\w.,])(\d{1,3}(?:,\d{3})*)(?:st|nd|rd|th)\b", re.IGNORECASE),
}
_AND_A_HALF: Final = re.compile(r"(?<![\d/.,])(\d+) +1/2 ([^\W\d]+)")
_AT_DEGREES: Final = re.compile(
    r"((?:\b(?:a|de|menos|hasta|unos|máxim[oa]|mínim[oa]) \d+)|(?<!\d)(?:1[3-9]|[2-9]\d)) ?º"
    r"(?=\s*(?:[.,;:!?]|$))"
)
"""Behind such a word, or from 13 on, a lone º means degrees."""
_DECADE: Final = re.compile(r"(?<![\w.,])'?((?:1\d|20)?\d0)'?s\b")
_YEAR: Final = re.compile(r"(?<![\d.,])(?:1[1-9]\d{2}|20\d{2})(?![\d]|[.,]\d)")
_PLAIN: Final = re.compile(rf"(\w*)( ?)(?<!\d)({WRITTEN})( ?)(\w*)")
_TOUCHING: Final = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])-(?=\d)")
_SIDE_BY_SIDE: Final = ((24, 7), (9, 11))
"""Not fractions: all day and all week; a day in September."""
_SHARES: Final = {
    "es": {2: "medio", 3: "tercio", 4: "cuarto", 10: "décimo"},
    "en": {2: "half", 4: "quarter"},
}
_OVER: Final = {"es": "entre", "en": "over"}
_AND: Final = {"es": "y", "en": "and"}
_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_ROMAN_AFTER: Final = {
    "es": re.compile(
        r"\b(siglos?|capítulo|tomo|volumen|parte|acto|fase|título|tipo|guerra mundial|edición)"
        r" ([IVXLC]+)\b", re.IGNORECASE),
    "en": re.compile(
        r"\b(chapter|volume|part|act|phase|title|type|world war|appendix|book|super bowl|section)"
        r" ([IVXLC]+)\b", re.IGNORECASE),
}  # fmt: skip
_ROMAN_NAME: Final = {
    # English has an I of its own, and a Malcolm X.
    "es": re.compile(r"\b([A-ZÁÉÍÓÚ][a-záéíóúñ]{2,}) ((?:X{1,2}|V)?I{1,3}|X?I?V|I?X{2}|IX)\b"),
    "en": re.compile(r"\b([A-Z][a-z]{2,}) ((?:X{1,2}|V)I{1,3}|I{2,3}|X?IV|XV|IX|X{2})\b"),
}


def spoken_figures(text: str, language: str) -> str:
    """Return `text` without a digit; language: "es" or "en"."""
    text = _ROMAN_AFTER[language].sub(lambda m: f"{m[1]} {cardinal(_roman(m[2]), language)}", text)
    text = _ROMAN_NAME[language].sub(lambda m: f"{m[1]} {_place(_roman(m[2]), language)}", text)
    if language == "es":
        text = _AND_A_HALF.sub(_and_a_half, _AT_DEGREES.sub(r"\1 grados", text))
    text = _ORDINAL[language].sub(lambda m: _ordinal(m, language), text)
    text = _FRACTION.sub(lambda m: _fraction(m, language), text)
    if language == "en":
        text = _DECADE.sub(_decade, text)
    text = _TOUCHING.sub(" ", text)
    if language == "en":
        text = _YEAR.sub(lambda m: year_words(int(m[0]), "en"), text)
    # Twice: a match takes the word behind a number, which may stand before the next number.
    for _ in range(2):
        text = _PLAIN.sub(lambda m: _plain(m, language), text)
    return text


def _plain(found: re.Match[str], language: str) -> str:
    before, gap, written, space, after = found.groups()
    words = number_words(written, language)
    if language == "es":
        words = agreed(words, before, after)
    return f"{before}{gap}{words}{space}{after}"


def _ordinal(found: re.Match[str], language: str) -> str:
    if language == "en":
        return ordinal(int(found[1].replace(",", "")), language)
    ending = found[2] or found[3]
    words = ordinal(int(found[1]), "es")
    if ending == "er":
        return words.removesuffix("o")
    return feminine(words) if ending == "ª" or ending.endswith("a") else words


def _fraction(found: re.Match[str], language: str) -> str:
    whole, above, below = found[1], int(found[2]), int(found[3])
    if (above, below) in _SIDE_BY_SIDE or above == below:
        return f"{cardinal(above, language)} {cardinal(below, language)}"
    if below < 2 or below > 10 or above > 9:
        words = f"{cardinal(above, language)} {_OVER[language]} {cardinal(below, language)}"
    elif language == "es" and (above, below) == (1, 2):
        words = "media" if is_feminine((found[4] or "").lower()) else "medio"
    else:
        share = _SHARES[language].get(below) or ordinal(below, language)
        one = {"es": "un", "en": "a" if whole else "one"}[language]
        plural = "halves" if share == "half" else f"{share}s"
        words = f"{one} {share}" if above == 1 else f"{cardinal(above, language)} {plural}"
        words = words.replace("os", "as") if found[4] == "partes" else words
    return f"{cardinal(int(whole), language)} {_AND[language]} {words}" if whole else words


def _and_a_half(found: re.Match[str]) -> str:
    half = "media" if is_feminine(found[2].lower()) else "medio"
    return f"{found[1]} {found[2]} y {half}"


def _decade(found: re.Match[str]) -> str:
    words = year_words(int(found[1]), "en") if len(found[1]) == 4 else cardinal(int(found[1]), "en")
    return words.removesuffix("y") + "ies" if words.endswith("y") else f"{words}s"


def _roman(numeral: str) -> int:
    values = [_ROMAN[letter] for letter in numeral.upper()]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def _place(number: int, language: str) -> str:
    """Return the number behind a ruler's name: `the eighth`, `sexto`, `trece`."""
    if language == "en":
        return f"the {ordinal(number, language)}"
    return ordinal(number, language) if number <= 10 else cardinal(number, language)
