"""A question and its latent in, passages with their scores out, the best first."""

from __future__ import annotations

from typing import Final

from models.notes.query_words import QueryWord, query_words
from models.notes.ranking import scores, words_in_common
from models.notes.shelf import Shelf
from models.protocols import Float32Array

_MOST_WITH_WORD: Final = 500
"""A word that more passages have is too common to find one by, and would take time."""
_MOST_BY_WORDS: Final = 64
"""Passages found by words whose meaning is compared, too."""


def ranked(
    shelf: Shelf,
    text: str,
    latent: Float32Array,
    words_weight: float,
) -> list[tuple[int, float]]:
    """Return passages and scores: of words in common, and of meanings that are near.

    latent: of `text`, centred as a question; empty: words alone count.
    """
    shares = _shares(shelf, text)
    by_words = sorted(shares, key=shares.__getitem__, reverse=True)[:_MOST_BY_WORDS]
    near = shelf.vectors.near(latent, by_words) if latent.size else {}
    found = scores(near, shares, words_weight)
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def _shares(shelf: Shelf, text: str) -> dict[int, float]:
    """Return how much of the question's words each passage has that has any."""
    found = [_with_word(shelf, word) for word in query_words(text)]
    last = shelf.connection.execute("SELECT max(id) FROM passages").get or 0
    return words_in_common([each for each in found if each is not None], last)


def _with_word(shelf: Shelf, word: QueryWord) -> list[int] | None:
    """Return the passages with a word, or with one that means the same; None: too many."""
    query = "SELECT rowid FROM words WHERE words MATCH ? LIMIT ?"
    for expression in dict.fromkeys((word.wider, word.alone)):
        rows = shelf.connection.execute(query, (expression, _MOST_WITH_WORD))
        passages = [passage for (passage,) in rows]
        if len(passages) < _MOST_WITH_WORD:
            return passages
    return None
