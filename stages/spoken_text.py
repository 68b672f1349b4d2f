"""What a language model writes in, what a voice is to say out: words and pauses only. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from stages.abbreviations import without_abbreviations
from stages.plain_text import plain_text
from stages.spoken_addresses import spoken_addresses
from stages.spoken_amounts import spoken_amounts
from stages.spoken_codes import spoken_codes
from stages.spoken_dates import spoken_dates
from stages.spoken_figures import spoken_figures
from stages.spoken_signs import spoken_signs
from stages.spoken_times import spoken_times

LANGUAGES: Final = ("es", "en")
"""Languages whose figures are written out; of others espeak-ng reads the figures."""

_STEPS: Final[tuple[Callable[[str, str], str], ...]] = (
    # Each step leaves no mark behind that a later one could misread: a date's dashes are gone
    # before ranges are looked for, a price's comma before decimals are.
    spoken_addresses,
    without_abbreviations,
    spoken_dates,
    spoken_times,
    spoken_codes,
    spoken_amounts,
    spoken_signs,
    spoken_figures,
)
_ONE_WRITING: Final = str.maketrans(
    {
        "\u2212": "-", "\u2013": "-", "\u2019": "'", "\u02bc": "'", "\u2026": "...",
        "½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3",
    }
)  # fmt: skip
"""Minus, dash, apostrophes, ellipsis and fractions as they are written on a keyboard."""
_ASIDE: Final = re.compile(r"\s*[(\[{]\s*|\s*[)\]}]\s*(?=\w)|\s+[\u2014-]+\s+|\s*\u2014\s*(?=\w)")
_UNSPOKEN: Final = re.compile(r"[^\w\s.,;:!?¿¡'-]|_|(?<!\w)-|-(?!\w)|(?<!\w)'|'(?!\w)")
_PAUSES: Final = re.compile(r"(?:\s*[,;:])+(?=\s*[,;:.!?])|(?<=[.!?¿¡])\s*[,;:]")
_DOTS: Final = re.compile(r"\.(?:\s*\.)+")
_BEFORE_MARK: Final = re.compile(r"\s+(?=[,;:.!?])")
_SPACES: Final = re.compile(r"\s+")


def spoken_text(text: str, language: str) -> str:
    """Return `text` as it is to be spoken: no figures, signs, markdown or emoji.

    text: an answer or a piece of one. language: ISO 639-1 code; for languages other than
    LANGUAGES only markdown, emoji and signs without a sound are taken away.
    Returns "" where nothing is left to say.
    """
    spoken = plain_text(text).translate(_ONE_WRITING)
    if language in LANGUAGES:
        for step in _STEPS:
            spoken = step(spoken, language)
    return _tidy(spoken)


def _tidy(text: str) -> str:
    """Drop what has no sound and mend the marks around it."""
    text = _UNSPOKEN.sub(" ", _ASIDE.sub(", ", text))
    text = _BEFORE_MARK.sub("", _SPACES.sub(" ", text))
    text = _PAUSES.sub("", text).strip().lstrip(",;:.!? ")
    text = _DOTS.sub("...", text)
    return text if any(map(str.isalnum, text)) else ""
