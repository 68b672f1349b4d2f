"""Text in, the same with times of day written out in words. Pure."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from stages.spoken_numbers import before_feminine, cardinal

_CLOCK: Final = re.compile(
    r"(?<![\d:.,/])([01]?\d|2[0-4])(?::([0-5]\d)(?::([0-5]\d))?| ?h ?([0-5]\d)(?! ?m))(?![\d:])"
    r"(?: ?([ap])\.? ?m\b\.?|( ?(?:h|hs|hrs|horas)\b))?",
    re.IGNORECASE,
)
_WHOLE_HOUR: Final = re.compile(
    r"(?<![\d:.,/])(1[0-2]|0?[1-9]) ?([ap])(?:\. ?m\.|\.?m\b)", re.IGNORECASE
)
_DOTTED: Final = re.compile(r"\b(las?) ([01]?\d|2[0-3])\.([0-5]\d)(?![\d%]|[.,]\d)")
_HOURS_BETWEEN: Final = re.compile(
    r"(?:(?<=\d)|(?<=[ap]m)|(?<=m\.)|(?<=h)) ?- ?"
    r"(?=(?:[01]?\d|2[0-4])(?::[0-5]\d| ?[ap]\.? ?m\b))",
    re.IGNORECASE,
)
_ONE: Final = re.compile(r"\b([Ll])as (?=0?1:\d\d)")
"""One o'clock is singular in Spanish, whatever was written."""
_SENTENCE_END: Final = re.compile(r"\s*$|\s+[A-ZÁÉÍÓÚ¿¡]")
_TO: Final = {"es": " a ", "en": " to "}
_QUARTERS: Final = {15: "cuarto", 30: "media"}
_NOON, _MIDNIGHT = 12, (0, 24)


class Clock(Struct, frozen=True, kw_only=True):
    """A time of day as it was written."""

    hour: int
    minute: int = 0
    second: int = 0
    half: str = ""
    """a or p of a.m. and p.m., or empty."""
    unit: bool = False
    """`h` or `horas` stood behind it."""


def spoken_times(text: str, language: str) -> str:
    """Return `text` with `10:30`, `7 pm`, `15:05 h` in words; language: "es" or "en"."""
    if language == "es":
        text = _DOTTED.sub(r"\1 \2:\3", text)
    text = _ONE.sub(r"\1a ", text)
    text = _HOURS_BETWEEN.sub(_TO[language], text)
    say = {"es": _spanish, "en": _english}[language]

    def clock(found: re.Match[str]) -> str:
        hour, minute, second, minute_after_h, half, unit = found.groups()
        time = Clock(
            hour=int(hour),
            minute=int(minute or minute_after_h or 0),
            second=int(second or 0),
            half=half or "",
            unit=bool(unit),
        )
        return say(time) + _kept_stop(found, time)

    def whole_hour(found: re.Match[str]) -> str:
        time = Clock(hour=int(found[1]), half=found[2])
        return say(time) + _kept_stop(found, time)

    return _WHOLE_HOUR.sub(whole_hour, _CLOCK.sub(clock, text))


def _kept_stop(found: re.Match[str], time: Clock) -> str:
    """Return the stop of `p.m.` where it ends the sentence too."""
    rest = found.string[found.end() :]
    ends = time.half and found[0].endswith(".") and _SENTENCE_END.match(rest)
    return "." if ends else ""


def _english(time: Clock) -> str:
    if time.minute == 0 and time.second == 0:
        words = _english_hour(time)
    else:
        past = cardinal(time.minute, "en") if time.minute else "hundred"
        past = f"oh {past}" if 0 < time.minute < 10 else past
        words = f"{cardinal(time.hour, 'en')} {past}"
    if time.second:
        words += f" and {cardinal(time.second, 'en')} second{'s' if time.second > 1 else ''}"
    return f"{words} {time.half.upper()}M" if time.half else words


def _english_hour(time: Clock) -> str:
    if time.half:
        return cardinal(time.hour, "en")
    if time.hour in _MIDNIGHT:
        return "midnight"
    return cardinal(time.hour, "en") + (" o'clock" if time.hour <= _NOON else " hundred")


def _spanish(time: Clock) -> str:
    words = before_feminine(cardinal(time.hour, "es"))
    around_the_clock = time.hour > _NOON or time.hour == 0
    if time.minute == 0:
        says_hours = (time.unit or around_the_clock) and not time.half and time.hour != 1
        words += " horas" if says_hours else ""
    elif around_the_clock:
        words += f" {'cero ' if time.minute < 10 else ''}{cardinal(time.minute, 'es')}"
    elif time.minute <= 30:
        words += f" y {_QUARTERS.get(time.minute) or cardinal(time.minute, 'es')}"
    else:
        words += f" {cardinal(time.minute, 'es')}"
    if time.second:
        words += f" y {cardinal(time.second, 'es')} segundo{'s' if time.second > 1 else ''}"
    return f"{words} {_part_of_day(time.hour, time.half)}" if time.half else words


def _part_of_day(hour: int, half: str) -> str:
    morning = half.lower() == "a"
    if hour == _NOON:
        return "de la noche" if morning else "del mediodía"
    if morning:
        return "de la mañana"
    return "de la tarde" if hour < 9 else "de la noche"
