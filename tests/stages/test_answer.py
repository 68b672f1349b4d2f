"""Pieces that a model writes in; how far an answer goes with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from stages.answer import Answer
from stages.clauses import ClauseSplitter
from stages.prompt_cache import Plan, PromptCache

PLAN = Plan((), 0, whole=True)


class NothingToRead:
    """In place of a cache that holds the prompt already."""

    def read(self, _plan: Plan, _said: str) -> Iterator[None]:
        """Read nothing."""
        return iter(())


def written(text: str, *, to_sentence_end: bool) -> tuple[list[str], int]:
    """Return the clauses of an answer to which the model writes `text`, and the words it took."""
    answer = Answer(
        PLAN, lambda: ClauseSplitter(12, 160), (), "Nothing.", to_sentence_end=to_sentence_end
    )
    taken = 0

    def draw() -> Iterator[str]:
        nonlocal taken
        for word in text.split():
            taken += 1
            yield f" {word}"

    for _ in answer.write(cast("PromptCache", NothingToRead()), draw):
        pass
    assert answer.ended
    return answer.texts, taken


TEXT = "of a star, which weighs 3.5 suns. Then it cools. That takes long."


def test_an_answer_goes_as_far_as_the_model() -> None:
    """What is left at its end is the last clause."""
    assert " ".join(written(TEXT, to_sentence_end=False)[0]) == TEXT


def test_what_another_began_is_ended_with_its_sentence() -> None:
    """A point within a number is no end; nothing behind the end is said, little is drawn."""
    clauses, taken = written(TEXT, to_sentence_end=True)
    assert " ".join(clauses).strip() == "of a star, which weighs 3.5 suns."
    assert taken < len(TEXT.split()) - 3


@pytest.mark.parametrize("text", ["of a star without an end", ""])
def test_without_an_end_it_goes_as_far_as_the_model(text: str) -> None:
    """A model that writes nothing at all leaves the line for that."""
    clauses, _ = written(text, to_sentence_end=True)
    assert clauses == [text or "Nothing."]
