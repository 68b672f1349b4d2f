from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bus.frames import Clause
from models.protocols import Int16Array
from stages.takes import MOST_TAKES, Take, Takes


class Studio:
    """Makes three chunks a take, and counts what it made."""

    def __init__(self) -> None:
        self.chunks = 0

    def __call__(self) -> Take:
        """Begin a take."""
        return Take(self._sound(), 16_000)

    def _sound(self) -> Iterator[Int16Array | None]:
        for value in range(3):
            yield None
            self.chunks += 1
            yield np.full(4, value, np.int16)


def clause(text: str = "Noon,", *, index: int = 0, revision: int = 1, turn: int = 1) -> Clause:
    return Clause(
        session="s", turn=turn, revision=revision, index=index, text=text, language="en",
        last=False,
    )  # fmt: skip


def heard(take: Take, chunks: int) -> list[int]:
    """Return the first samples of that many chunks."""
    found: list[int] = []
    for pcm in take.read():
        if pcm is not None:
            found.append(int(pcm[0]))
        if len(found) == chunks:
            break
    return found


def test_the_same_clause_of_another_revision_goes_on_where_it_was_cut_off() -> None:
    """What was made for a wrong guess is sent again, and the rest is made then."""
    takes, studio = Takes(), Studio()
    assert heard(takes.take(clause(), studio), 2) == [0, 1]
    assert heard(takes.take(clause(revision=2), studio), 3) == [0, 1, 2]
    assert studio.chunks == 3
    assert heard(takes.take(clause(revision=3), studio), 4) == [0, 1, 2]
    assert studio.chunks == 3


def test_other_words_are_another_sound() -> None:
    """So is the same text at another place, whose noise is another."""
    takes, studio = Takes(), Studio()
    for each in (clause(), clause("One,"), clause(index=1), clause(turn=2)):
        heard(takes.take(each, studio), 3)
    assert studio.chunks == 12


def test_an_answer_that_is_heard_is_not_kept() -> None:
    """Nor are the clauses that follow it: its revision is certain."""
    takes, studio = Takes(), Studio()
    heard(takes.take(clause(), studio), 3)
    takes.heard(clause(turn=2))
    heard(takes.take(clause(), studio), 3)
    assert studio.chunks == 3
    takes.heard(clause())
    for _ in range(2):
        heard(takes.take(clause(), studio), 3)
    assert studio.chunks == 9


def test_what_is_kept_is_bounded() -> None:
    """The take that was not wanted for longest goes."""
    takes, studio = Takes(), Studio()
    for number in range(MOST_TAKES + 1):
        heard(takes.take(clause(str(number)), studio), 3)
        heard(takes.take(clause("0"), studio), 3)
    made = studio.chunks
    assert made == 3 * (MOST_TAKES + 1)
    heard(takes.take(clause("0"), studio), 3)
    assert studio.chunks == made
    heard(takes.take(clause("1"), studio), 3)
    assert studio.chunks == made + 3
