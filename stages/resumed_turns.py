"""Turns that a dead predecessor left in, their answers gone on with step by step out."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from bus.frames import AnyFrame, Cancel, Closed
    from stages.conversation import OpenTurn

    Steps: TypeAlias = Generator[AnyFrame | None]


class ResumedTurns:
    """Answers in idle time, so that whatever comes gets in between two steps.

    answer: goes on with the answer to a turn.
    """

    def __init__(self, answer: Callable[[OpenTurn], Steps]) -> None:
        self._answer = answer
        self._turns: list[OpenTurn] = []
        self._under_way: Steps | None = None

    def __bool__(self) -> bool:
        """Return whether there is something to do."""
        return bool(self._turns)

    def take(self, turn: OpenTurn) -> None:
        """Take a turn whose answer is not complete; once, however often it is revised."""
        if turn not in self._turns and not turn.complete:
            self._turns.append(turn)

    def step(self) -> AnyFrame | None:
        """Go on with the first turn; return a frame of it, if there is one."""
        if self._under_way is None:
            self._under_way = self._answer(self._turns[0])
        try:
            return next(self._under_way)
        except StopIteration:
            self._under_way = None
            del self._turns[0]
            return None

    def leave(self) -> None:
        """Leave the answer under way at the step where it is: the model is wanted."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.close()

    def drop(self, frame: Cancel | Closed) -> None:
        """Give up what nobody waits for any more after `frame`."""
        left = [turn for turn in self._turns if not turn.is_ended_by(frame)]
        if len(left) < len(self._turns):
            self.leave()
            self._turns = left
