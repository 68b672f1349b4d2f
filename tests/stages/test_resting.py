from __future__ import annotations

from collections.abc import Iterator, Sequence

from bus.frames import AnyFrame, Clause, Order, Played
from stages.resting import Resting

PLAYED = Played(
    session="s", turn=1, clause=0, samples=0, rate=16_000, text="", clock_sample=0,
    first_clock_sample=0, last=False,
)  # fmt: skip


def clause(index: int, *, last: bool = False) -> Clause:
    return Clause(session="s", turn=1, index=index, text="word", language="en", last=last)


class Thinking:
    """A stage that says what it was given, and notes how it was left."""

    def __init__(self, *says: Clause) -> None:
        self.says = says
        self.left = 0

    def open(self) -> None:
        """Nothing to load."""

    def resume(self, inputs: Sequence[AnyFrame], sent: Sequence[AnyFrame]) -> None:
        """Nothing to take up."""

    def handle(self, frame: AnyFrame) -> Iterator[AnyFrame | None]:
        """Say it all."""
        del frame
        yield from self.idle()

    def idle(self) -> Iterator[AnyFrame | None]:
        """Say it all."""
        try:
            yield from self.says
        finally:
            self.left += 1

    def due_ms(self) -> float | None:
        """Nothing is ever due."""
        return None

    def obey(self, order: Order) -> None:
        """Nothing to shed."""

    def close(self) -> None:
        """Nothing to let go."""


def test_it_rests_after_the_first_clause_only() -> None:
    """So long as it was told, in steps at which the worker can look up."""
    slept: list[float] = []
    says = (clause(0), clause(1), clause(2, last=True))
    stage = Resting(Thinking(*says), 42, slept.append)
    for steps in (stage.handle(PLAYED), stage.idle()):
        slept.clear()
        said = list(steps)
        assert [out for out in said if out is not None] == list(says)
        assert said[1 : 1 + len(slept)] == [None] * 9
        assert sum(slept) == 0.045


def test_an_answer_of_one_clause_needs_no_rest() -> None:
    """Nothing follows that would be in the way."""
    slept: list[float] = []
    said = list(Resting(Thinking(clause(0, last=True)), 40, slept.append).handle(PLAYED))
    assert (len(said), slept) == (1, [])


def test_a_rest_can_be_cut_short() -> None:
    """The worker closes it at a Cancel, and with it what the stage was doing."""
    slept: list[float] = []
    thinking = Thinking(clause(0), clause(1, last=True))
    steps = Resting(thinking, 40, slept.append).handle(PLAYED)
    assert next(steps) is not None
    assert next(steps) is None
    close = getattr(steps, "close", None)
    assert close is not None
    close()
    assert (len(slept), thinking.left) == (1, 1)
