from __future__ import annotations

import pytest

from benchmarks.word_error_rate import (
    WordErrors,
    error_rate,
    normalise,
    paired_bootstrap,
    word_errors,
)


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("¿Qué hora es?", "que hora es", "es"),
        ("Tengo 25 años.", "tengo veinticinco años", "es"),
        ("1.500 euros", "mil quinientos euros", "es"),
        ("el 3º piso", "el tercero piso", "es"),
        ("un 20% menos", "un veinte por ciento menos", "es"),
        ("3,5 litros", "tres coma cinco litros", "es"),
        ("Set it for 10 minutes!", "set it for ten minutes", "en"),
        ("twenty-one", "21", "en"),
        ("I don’t know", "I don't know", "en"),  # noqa: RUF001 - what a model may write
        ("the 2nd of May", "the second of may", "en"),
    ],
)
def test_ways_of_writing_are_no_errors(one: str, other: str, language: str) -> None:
    """Case, accents, punctuation, and digits or words for a number do not count."""
    assert normalise(one, language) == normalise(other, language)


def test_counts_each_kind_of_error() -> None:
    """One word too many, one missing, one wrong: three errors in five words."""
    found = word_errors("one small cat sat down", "one big cat sat on it down", "en")
    assert found == WordErrors(errors=3, words=5)
    assert word_errors("hola", "", "es") == WordErrors(errors=1, words=1)


def test_a_reference_needs_words() -> None:
    """A rate over nothing is refused."""
    with pytest.raises(ValueError, match="no words"):
        word_errors("...", "hola", "es")


def test_long_numbers_are_read_digit_by_digit() -> None:
    """A card number is not a quintillion."""
    assert normalise("1234567890123456", "en").split()[:3] == ["one", "two", "three"]


def test_rate_is_over_all_words() -> None:
    """Long clips weigh more than short ones."""
    assert error_rate([WordErrors(1, 1), WordErrors(0, 9)]) == pytest.approx(0.1)


def test_bootstrap_of_equals_is_zero_and_of_worse_is_above() -> None:
    """The interval is zero for the same results, and excludes zero for a clear loss."""
    good = [WordErrors(1, 10)] * 40
    bad = [WordErrors(3, 10)] * 40
    same = paired_bootstrap(good, good, resamples=200)
    assert (same.mean, same.low, same.high) == (0, 0, 0)
    worse = paired_bootstrap(bad, good, resamples=200)
    assert worse.mean == pytest.approx(0.2)
    assert worse.low > 0.1


def test_bootstrap_needs_the_same_clips() -> None:
    """Results about other clips cannot be paired."""
    with pytest.raises(ValueError, match="same clips"):
        paired_bootstrap([WordErrors(0, 3)], [WordErrors(0, 4)])
