"""Text in, the same with amounts of money, measures and percentages written out. Pure."""

from __future__ import annotations

import re
from typing import Final

from stages.spoken_numbers import (
    WRITTEN,
    before_feminine,
    before_masculine,
    cardinal,
    number_words,
    parsed,
)
from stages.unit_names import CURRENCIES, UNITS, Name

_SCALE: Final = r"(?: ?(mil millones|millones|millón|million|billion|trillion|thousand|M|B|k|K)\b)"
_SCALES: Final = {
    "es": {"M": "millones", "B": "mil millones", "k": "mil", "K": "mil"},
    "en": {"M": "million", "B": "billion", "k": "thousand", "K": "thousand"},
}
_PER: Final = {"es": " por ", "en": " per "}
_WITH: Final = {"es": "con", "en": "and"}


def _signs(names: list[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_MONEY_SIGN: Final = _signs(list(CURRENCIES["es"]))
_BEFORE: Final = re.compile(rf"(?<!\w)({_MONEY_SIGN}) ?({WRITTEN}){_SCALE}?(?: ?/ ?(?=[^\W\d]))?")
_AFTER: Final = re.compile(
    rf"(?<![\w.,])({WRITTEN}){_SCALE}? ?({_MONEY_SIGN})(?!\w)(?: ?/ ?(?=[^\W\d]))?"
)
_PRICE_RANGE: Final = re.compile(rf"(?<!\w)({_MONEY_SIGN}) ?({WRITTEN}) (a|to) (?=\d)")
_MEASURE: Final = {
    language: re.compile(
        rf"(?<![\w.,])({WRITTEN})( ?)({_signs(list(names))})(?![\w²³])(?: ?/ ?(?=[^\W\d]))?"
    )
    for language, names in UNITS.items()
}
_EACH: Final = re.compile(
    r"(?<=[a-z])/(?=(?:day|week|month|year|hour|minute|second|person|día|semana|mes|año|hora|minuto"
    r"|segundo|persona)\b)"
)
_PER_UNIT: Final = {
    "es": re.compile(r"( por )(kg|g|m²|m|km|h|min|s|L|l|ml|kWh|GB|MB)(?!\w)"),
    "en": re.compile(r"( per )(kg|g|m²|m|km|h|min|s|L|l|ml|kWh|GB|MB|lb|oz|gal|mi)(?!\w)"),
}
_LARGE: Final = re.compile(r"(?<![\w.,])(\d{2,}(?=K)|\d+[.,]\d+|\d+(?=[MB]))([KMB])\b")
"""`5M` and `100K` are numbers, `4K` is a screen."""


def spoken_amounts(text: str, language: str) -> str:
    """Return `text` with `5,50 €`, `$3 million`, `20 km/h` in words; language: "es" or "en"."""
    text = _PRICE_RANGE.sub(r"\2 \3 \1", text)
    text = _BEFORE.sub(lambda m: _money(m[0], m[2], m[3], m[1], language), text)
    text = _AFTER.sub(lambda m: _money(m[0], m[1], m[2], m[3], language), text)
    text = _MEASURE[language].sub(lambda m: _measure(m, language), text)
    text = _EACH.sub(_PER[language], text)
    text = _PER_UNIT[language].sub(lambda m: m[1] + UNITS[language][m[2]].one, text)
    return _LARGE.sub(lambda m: f"{m[1]} {_SCALES[language][m[2]]}", text)


def _measure(found: re.Match[str], language: str) -> str:
    written, space, sign = found[1], found[2], found[3]
    if sign == "s" and not space:
        return found[0]
    name = UNITS[language][sign]
    words = f"{_count(written, name, language)} {_named(written, name)}"
    return words + (_PER[language] if "/" in found[0].removesuffix(sign)[len(written) :] else "")


def _money(whole: str, written: str, scale: str | None, sign: str, language: str) -> str:
    names = CURRENCIES[language][sign]
    per = _PER[language] if whole.rstrip().endswith("/") else ""
    if scale:
        scale = _SCALES[language].get(scale, scale)
        of = "de " if scale.startswith("mill") and language == "es" else ""
        return f"{number_words(written, language)} {scale} {of}{names.whole.many}{per}"
    parts = parsed(written, language)
    if parts is None or len(parts[1]) != 2:
        return f"{_count(written, names.whole, language)} {_named(written, names.whole)}{per}"
    units, cents = str(int(parts[0] or "0")), str(int(parts[1]))
    said = f"{_count(units, names.whole, language)} {_named(units, names.whole)}"
    if cents == "0":
        return said + per
    small = f"{_count(cents, names.part, language)} {_named(cents, names.part)}"
    if units == "0":
        return small + per
    if language == "es":
        small = cardinal(int(cents), language)
    return f"{said} {_WITH[language]} {small}{per}"


def _count(written: str, name: Name, language: str) -> str:
    words = number_words(written, language)
    if language != "es" or name.one.startswith("por "):
        return words
    return before_feminine(words) if name.feminine else before_masculine(words)


def _named(written: str, name: Name) -> str:
    return name.one if written == "1" else name.many
