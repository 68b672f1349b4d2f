"""Text in, the same with dates written out in words. Pure."""

from __future__ import annotations

import calendar
import re
from typing import Final

from stages.spoken_numbers import cardinal, ordinal, year_words

_SPANISH_MONTHS: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
    "octubre", "noviembre", "diciembre",
)  # fmt: skip
_ENGLISH_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MONTHS: Final = {"es": _SPANISH_MONTHS, "en": _ENGLISH_MONTHS}
_ISO: Final = re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?:T(?=\d{2}:)|(?![\w-]))")
_NUMERIC: Final = re.compile(
    r"(?<![\w/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|(?<=[/-])\d{2})(?![\w/-]|\.\d)"
)
_DAY_WITHOUT_YEAR: Final = {
    "es": re.compile(r"\b([Ee]l|día)( )(\d{1,2})/(\d{1,2})(?![\w/-]|\.\d)"),
    "en": re.compile(r"\b([Oo]n|[Bb]y|[Uu]ntil|[Ss]ince)( )(\d{1,2})/(\d{1,2})(?![\w/-]|\.\d)"),
}
_ENGLISH_MONTH: Final = "|".join([*_MONTHS["en"], *(m[:3] for m in _MONTHS["en"]), "Sept"])
_SPANISH_MONTH: Final = "|".join([*_MONTHS["es"], *(m[:3] for m in _MONTHS["es"]), "sept"])
_DOT: Final = r"(?:\.(?= *[\da-z,;:]))?"
"""A dot that does not end the sentence."""
_MONTH_DAY: Final = re.compile(
    rf"\b({_ENGLISH_MONTH})\b\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.,]?\d| ?(?:[ap]\.?m|%))"
    r"(?:,? ((?:1\d|20)\d{2})\b)?"
)
_DAY_MONTH: Final = re.compile(
    rf"\b(the )?(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_ENGLISH_MONTH})\b{_DOT}"
    r"(?:,? ((?:1\d|20)\d{2})\b)?"
)
_DAYS: Final = {
    "es": (
        re.compile(rf"(?<=\d) ?- ?(?=\d{{1,2}} (?:de )?(?:{_SPANISH_MONTH})\b)", re.IGNORECASE),
        " a ",
    ),
    "en": (
        re.compile(
            rf"(?<=[\ddht]) ?- ?(?=\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_ENGLISH_MONTH})\b)"
        ),
        " to ",
    ),
}
_MONTH_DAYS: Final = re.compile(
    rf"\b((?:{_ENGLISH_MONTH})\.? \d{{1,2}}) ?- ?(\d{{1,2}})(?!\d|[:/-])"
)
_SPANISH_SHORT: Final = re.compile(
    rf"\b(\d{{1,2}})([ -])(?:de )?({_SPANISH_MONTH})\b{_DOT}(?:\2(?:de )?(\d{{4}})\b)?",
    re.IGNORECASE,
)


def spoken_dates(text: str, language: str) -> str:
    """Return `text` with `21/11/2026`, `Nov 3`, `2026-11-21` in words; language: "es" or "en".

    Where day and month could be either, English reads the month first and Spanish the day.
    """
    between, word = _DAYS[language]
    text = between.sub(word, text)
    text = _ISO.sub(lambda m: _numeric(m[0], m[3], m[2], m[1], language), text)
    text = _NUMERIC.sub(lambda m: _day_or_month_first(m, language), text)
    text = _DAY_WITHOUT_YEAR[language].sub(lambda m: _without_year(m, language), text)
    if language == "es":
        return _SPANISH_SHORT.sub(_spanish_short, text)
    text = _MONTH_DAYS.sub(r"\1 to \2th", text)
    text = _MONTH_DAY.sub(lambda m: _english(m[2], _month(m[1], "en"), m[3] or ""), text)
    return _DAY_MONTH.sub(_day_of_month, text)


def _day_or_month_first(found: re.Match[str], language: str) -> str:
    first, second, year = found[1], found[3], found[4]
    year = f"20{year}" if len(year) == 2 else year
    month_first = language == "en" and int(first) <= 12
    day, month = (second, first) if month_first or int(second) > 12 else (first, second)
    return _numeric(found[0], day, month, year, language)


def _without_year(found: re.Match[str], language: str) -> str:
    day, month = (found[3], found[4]) if language == "es" else (found[4], found[3])
    date = _numeric("", day, month, "", language)
    return f"{found[1]} {date}" if date else found[0]


def _numeric(written: str, day: str, month: str, year: str, language: str) -> str:
    """Return the date in words, or `written` where there is no such day."""
    days = calendar.monthrange(int(year or 2000), int(month))[1] if 1 <= int(month) <= 12 else 0
    if not 1 <= int(day) <= days:
        return written
    # A space ends the ISO date, whose time may follow at once.
    tail = " " if written.endswith("T") else ""
    if language == "en":
        return _english(day, int(month), year) + tail
    return _spanish(day, int(month), year) + tail


def _english(day: str, month: int, year: str) -> str:
    said = f"{_MONTHS['en'][month - 1]} {ordinal(int(day), 'en')}"
    return f"{said}, {year_words(int(year), 'en')}" if year else said


def _day_of_month(found: re.Match[str]) -> str:
    month = _MONTHS["en"][_month(found[3], "en") - 1]
    year = f" {year_words(int(found[4]), 'en')}" if found[4] else ""
    return f"{found[1] or 'the '}{ordinal(int(found[2]), 'en')} of {month}{year}"


def _spanish(day: str, month: int, year: str) -> str:
    said = f"{cardinal(int(day), 'es')} de {_MONTHS['es'][month - 1]}"
    return f"{said} de {cardinal(int(year), 'es')}" if year else said


def _spanish_short(found: re.Match[str]) -> str:
    month = _month(found[3], "es")
    return _spanish(found[1], month, found[4] or "")


def _month(name: str, language: str) -> int:
    """Return the number of a month by the first letters of its name."""
    start = name[:3].lower()
    return next(
        number for number, month in enumerate(_MONTHS[language], 1) if month.lower()[:3] == start
    )
