from __future__ import annotations

import pytest

from models.folding import folded
from models.notes.query_words import MOST_WORDS, SYNONYMS_FILE, query_words


def test_a_word_brings_what_means_the_same_in_both_languages() -> None:
    """By its beginning, so that plural and singular meet; without accents."""
    (boiler,) = query_words("¿Dónde está la CALDERA?")
    assert boiler.alone == '"calder"*'
    assert {'"calder"*', '"boile"*', '"heatin"*'} <= set(boiler.wider.split(" OR "))
    (keys,) = query_words("the keys")
    assert '"llav"*' in keys.wider.split(" OR ")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Where is it?", []),
        ("¿Cuándo llega Begoña con el AT95?", ['"lleg"*', '"begon"*', '"at95"']),
        ('"; DROP TABLE words; --', ['"drop"', '"tabl"*', '"word"*']),
    ],
)
def test_words_that_matter_are_kept(question: str, words: list[str]) -> None:
    """Question words and articles are not; nothing reaches the query as syntax."""
    assert [word.alone for word in query_words(question)] == words


def test_a_long_question_is_cut() -> None:
    """Each word costs a look into the index."""
    assert len(query_words(" ".join(f"wort{at}" for at in range(40)))) == MOST_WORDS


def test_lists_have_plain_words() -> None:
    """Each line has two or more words, and none has signs that a word cannot have."""
    lines = SYNONYMS_FILE.read_text(encoding="utf-8").splitlines()
    lists = [line.split() for line in lines if not line.startswith("#")]
    assert min(map(len, lists)) >= 2
    assert all(folded(word).isalnum() for words in lists for word in words)
