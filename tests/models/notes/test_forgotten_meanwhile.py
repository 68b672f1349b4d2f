from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.load import load_settings
from models.notes import Notes, open_notes
from models.notes.search import ranked
from models.notes.shelf import Shelf
from models.protocols import Float32Array

FACTS = ("The key to the attic is in the drawer.", "The key to the cellar is lost.")


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notes]:
    """Return a store of which another connection forgets the first passage that is found."""
    options = [f"memory.path={tmp_path}/notes.db", "memory.embedding=", "memory.forget_score=0.1"]
    settings = load_settings("tiny", None, options)
    opened, other = open_notes(settings), open_notes(settings)
    numbers = [opened.remember(fact) for fact in FACTS]

    def ranked_then_forgotten(
        shelf: Shelf, text: str, latent: Float32Array, weight: float
    ) -> list[tuple[int, float]]:
        found = ranked(shelf, text, latent, weight)
        assert [number for number, _ in found] == numbers
        assert other.forget(numbers[0])
        return found

    monkeypatch.setattr("models.notes.notes.ranked", ranked_then_forgotten)
    yield opened
    opened.close()
    other.close()


def test_the_others_are_recalled(notes: Notes) -> None:
    """One that goes between the ranking and the reading is as if it had not been found."""
    assert [each.text for each in notes.recall("key attic", ())] == [FACTS[1]]


def test_another_fact_is_meant(notes: Notes) -> None:
    """The next best, where it is certain."""
    meant = notes.fact_about("key attic")
    assert meant is not None
    assert meant.text == FACTS[1]
