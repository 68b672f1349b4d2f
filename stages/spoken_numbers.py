"""Numbers as they are written in, the words for them out, in Spanish and English. Pure."""

from __future__ import annotations

import re
from typing import Final

from num2words import num2words  # type: ignore[import-untyped]

WRITTEN: Final = r"\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*"
"""A number without sign, in any language's writing: 1.234,5 or 1,234.5 or 1 234."""

_MOST_DIGITS: Final = 15
"""Longer ones are read digit by digit: nobody follows a quadrillion."""
_THOUSANDS: Final = {"es": ".", "en": ","}
_POINT: Final = {"es": "coma", "en": "point"}
_DOT: Final = {"es": "punto", "en": "point"}
_SPANISH_ORDINALS: Final = {
    11: "undécimo", 12: "duodécimo", 13: "decimotercero", 14: "decimocuarto", 15: "decimoquinto",
    16: "decimosexto", 17: "decimoséptimo", 18: "decimoctavo", 19: "decimonoveno",
}  # fmt: skip


def number_words(written: str, language: str) -> str:
    """Return a number as it is said; written: what WRITTEN matches."""
    parts = parsed(written, language)
    if parts is None:
        joint = f" {_DOT[language]} " if "," not in written else ", "
        return joint.join(integer_words(part, language) for part in re.findall(r"\d+", written))
    whole, fraction = parts
    return _decimal(whole, fraction, language) if fraction else integer_words(whole, language)


def parsed(written: str, language: str) -> tuple[str, str] | None:
    """Return the digits before and after the decimal mark; None for a version or a list.

    Both marks are understood in both languages; where one could be either (1.500), the
    language decides.
    """
    compact = re.sub(r"[ ']", "", written)
    marks = re.sub(r"\d", "", compact)
    parts = re.split(r"[.,]", compact)
    if not marks:
        return compact, ""
    if len(set(marks)) == 2 and marks.count(marks[-1]) == 1:
        return "".join(parts[:-1]), parts[-1]
    grouped = all(len(part) == 3 for part in parts[1:]) and 1 <= len(parts[0]) <= 3
    if grouped and parts[0] != "0" and (len(marks) > 1 or marks == _THOUSANDS[language]):
        return "".join(parts), ""
    return (parts[0], parts[1]) if len(marks) == 1 else None


def integer_words(figures: str, language: str) -> str:
    """Return a string of digits in words; digit by digit where it is a code, not a number."""
    is_code = len(figures) > _MOST_DIGITS or (figures.startswith("0") and len(figures) > 1)
    return digit_words(figures, language) if is_code else cardinal(int(figures), language)


def cardinal(number: int, language: str) -> str:
    """Return `one hundred and five`, `ciento cinco`; number: 0 or more."""
    words = str(num2words(number, lang=language)).replace(",", "")
    if language != "es":
        return words
    return words.replace("veintiuno mil", "veintiún mil").replace("y uno mil", "y un mil")


def ordinal(number: int, language: str) -> str:
    """Return `first`, `primero`."""
    if language == "es" and number in _SPANISH_ORDINALS:
        return _SPANISH_ORDINALS[number]
    return str(num2words(number, lang=language, to="ordinal")).replace(",", "")


def year_words(number: int, language: str) -> str:
    """Return a year as it is said: `nineteen ninety-nine`, `mil novecientos noventa y nueve`."""
    if language != "en":
        return cardinal(number, language)
    return str(num2words(number, lang="en", to="year")).replace("thousand and", "thousand")


def digit_words(text: str, language: str) -> str:
    """Return the digits of `text` one by one, with a comma where they were grouped."""
    groups = re.findall(r"\d+", text)
    return ", ".join(" ".join(cardinal(int(d), language) for d in group) for group in groups)


def before_masculine(words: str) -> str:
    """Return Spanish number words as they stand before a masculine noun: `un`, `veintiún`."""
    return re.sub(r"\buno$", "un", re.sub(r"veintiuno$", "veintiún", words))


def before_feminine(words: str) -> str:
    """Return Spanish number words as they stand before a feminine noun: `una`, `doscientas`."""
    return re.sub(r"(cient|quinient)os\b", r"\1as", re.sub(r"uno$", "una", words))


def feminine(words: str) -> str:
    """Return a Spanish ordinal's feminine form: `primera`, `vigésima primera`."""
    return re.sub(r"o\b", "a", words)


def _decimal(whole: str, fraction: str, language: str) -> str:
    """Return `three point one four`, `tres coma catorce`.

    Spanish reads up to two decimals as a number, English each digit.
    """
    as_number = language == "es" and len(fraction) <= 2 and not fraction.startswith("0")
    after = cardinal(int(fraction), language) if as_number else digit_words(fraction, language)
    return f"{integer_words(whole or '0', language)} {_POINT[language]} {after}"
