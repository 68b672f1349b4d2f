from __future__ import annotations

from models.phoneme_runs import runs


def test_sentences_are_runs() -> None:
    """Each sentence is one run, however short."""
    assert list(runs("ola. ke tal? bjen!", most=100)) == ["ola.", "ke tal?", "bjen!"]


def test_long_sentences_are_cut_at_commas_first() -> None:
    """Phrases stay whole as long as they fit."""
    assert list(runs("aa bb, cc dd, ee ff", most=14)) == ["aa bb, cc dd,", "ee ff"]


def test_longer_phrases_are_cut_at_spaces_and_words_at_last() -> None:
    """No run is longer than it may be, and no symbol is lost."""
    text = "aaa bbb ccc " + "d" * 25
    made = list(runs(text, most=8))
    assert max(map(len, made)) <= 8
    assert "".join(made).replace(" ", "") == text.replace(" ", "")


def test_a_breath_shorter_than_the_most() -> None:
    """Sentences over a breath are cut at commas only."""
    assert list(runs("aa, bb cc dd ee", most=100, breath=5)) == ["aa,", "bb cc dd ee"]


def test_nothing_gives_nothing() -> None:
    """An empty text has no runs."""
    assert list(runs("", most=10)) == []
    assert list(runs("  ", most=10)) == []
