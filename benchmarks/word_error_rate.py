"""Reference and hypothesis texts in, word errors and their confidence out.

Case, accents, punctuation, and whether a number is written in digits or in words do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import jiwer
import numpy as np
from msgspec import Struct
from num2words import num2words  # type: ignore[import-untyped]
from numpy.typing import NDArray

PERCENT: Final = {"es": " por ciento ", "en": " percent "}
POINT: Final = {"es": " coma ", "en": " point "}

_THOUSANDS: Final = re.compile(r"(?<=\d)[.,\u00a0\u202f](?=\d{3}(?!\d))")
_ORDINAL: Final = re.compile(r"(\d+)(?:st|nd|rd|th|[ºª])")
_DECIMAL: Final = re.compile(r"(?<=\d)[.,](?=\d)")
_NUMBER: Final = re.compile(r"\d+")
_BETWEEN_WORDS: Final = re.compile(r"[^\w]+|_")
_APOSTROPHE: Final = re.compile(r"['\u2019`\u00b4]")
_LONGEST_NUMBER: Final = 15
"""Digits beyond which a number is read digit by digit."""


class WordErrors(Struct, frozen=True):
    """Errors of one clip."""

    errors: int
    """Substitutions, deletions and insertions."""
    words: int
    """Words of the reference."""


class Difference(Struct, frozen=True):
    """Word error rate of a candidate less that of a baseline, as shares of one."""

    mean: float
    low: float
    """2.5 % of the resampled differences lie below."""
    high: float


def normalise(text: str, language: str) -> str:
    """Return the words of `text`, lower case, without accents, numbers as words of `language`."""
    text = text.lower().replace("%", PERCENT[language])
    text = _THOUSANDS.sub("", text)
    text = _ORDINAL.sub(lambda found: _say(found[1], language, "ordinal"), text)
    text = _DECIMAL.sub(POINT[language], text)
    text = _NUMBER.sub(lambda found: _say(found[0], language, "cardinal"), text)
    text = unicodedata.normalize("NFD", _APOSTROPHE.sub("", text))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return _BETWEEN_WORDS.sub(" ", text).strip()


def word_errors(reference: str, hypothesis: str, language: str) -> WordErrors:
    """Compare two texts after normalising both. Raises ValueError for a reference without words."""
    wanted = normalise(reference, language)
    if not wanted:
        raise ValueError(f"no words in the reference {reference!r}")
    found = jiwer.process_words(wanted, normalise(hypothesis, language))
    errors = found.substitutions + found.deletions + found.insertions
    return WordErrors(errors, len(wanted.split()))


def error_rate(results: Sequence[WordErrors]) -> float:
    """Return all errors over all words of the references."""
    return sum(one.errors for one in results) / max(1, sum(one.words for one in results))


def paired_bootstrap(
    candidate: Sequence[WordErrors],
    baseline: Sequence[WordErrors],
    *,
    resamples: int = 10_000,
    seed: int = 1,
) -> Difference:
    """Resample clips with replacement, the same for both, and return the difference of rates.

    Bisani and Ney, "Bootstrap estimates for confidence intervals in ASR performance evaluation",
    2004. Both sequences are about the same clips in the same order.
    """
    if [one.words for one in candidate] != [one.words for one in baseline]:
        raise ValueError("candidate and baseline are not about the same clips")
    gains = np.array([a.errors - b.errors for a, b in zip(candidate, baseline, strict=True)])
    words = np.array([one.words for one in baseline])
    drawn = np.random.default_rng(seed).integers(0, len(words), (resamples, len(words)))
    rates: NDArray[np.float64] = gains[drawn].sum(axis=1) / words[drawn].sum(axis=1)
    low, high = np.percentile(rates, [2.5, 97.5])
    return Difference(float(gains.sum() / words.sum()), float(low), float(high))


def _say(digits: str, language: str, kind: str) -> str:
    if len(digits) > _LONGEST_NUMBER:
        return " ".join(_say(digit, language, "cardinal") for digit in digits)
    return f" {num2words(int(digits), lang=language, to=kind)} "
