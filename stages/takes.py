"""Sound made for guesses: clauses in, sound out, made once for each wording. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bus.frames import Clause, TurnFrame
    from models.protocols import Int16Array

Wording: TypeAlias = tuple[int, str, str, str]
"""Index, language, text and emotion of a clause: within a turn, the same sound."""

MOST_TAKES: Final = 8
"""Clauses kept of a turn: an answer that is not heard yet is no longer than `talker.ahead_ms`,
so that this is several wordings of it."""


class Take:
    """The sound of one clause: made as it is first read, and read again as often as wanted."""

    def __init__(self, sound: Iterator[Int16Array | None], rate: int) -> None:
        self.rate = rate
        self._sound = sound
        self._made: list[Int16Array] = []
        self.is_whole = False

    @property
    def held_bytes(self) -> int:
        """What its sound takes in memory so far."""
        return sum(pcm.nbytes for pcm in self._made)

    def read(self) -> Iterator[Int16Array | None]:
        """Yield the chunks from the first one on, None between steps without sound."""
        position = 0
        while True:
            if position < len(self._made):
                yield self._made[position]
                position += 1
                continue
            self.go_on()
            if self.is_whole:
                return
            if position == len(self._made):
                yield None

    def go_on(self) -> None:
        """Do one step of making it."""
        try:
            pcm = next(self._sound)
        except StopIteration:
            self.is_whole = True
            return
        if pcm is not None:
            self._made.append(pcm)


class Takes:
    """Keeps what was made for the turn that is being guessed at, until its answer is heard.

    A user who pauses often makes the thinker give the same answer under one revision after the
    other: its sound is sent again, and goes on where it was cut off.
    """

    def __init__(self) -> None:
        self._turn = ("", 0)
        self._heard = False
        self._takes: dict[Wording, Take] = {}

    def take(self, clause: Clause, make: Callable[[], Take]) -> Take:
        """Return the take of `clause`; `make` begins one where there is none."""
        self._turn_to(clause)
        wording = (clause.index, clause.language, clause.text, clause.emotion)
        take = self._takes.pop(wording, None) or make()
        if not self._heard:
            self._takes[wording] = take
            while len(self._takes) > MOST_TAKES:
                del self._takes[next(iter(self._takes))]
        return take

    def heard(self, frame: TurnFrame) -> None:
        """Let go of a turn whose answer is heard: its revision is certain."""
        if (frame.session, frame.turn) == self._turn:
            self._heard = True
            self._takes = {}

    def _turn_to(self, frame: TurnFrame) -> None:
        turn = (frame.session, frame.turn)
        if turn != self._turn:
            self._turn = turn
            self._heard = False
            self._takes = {}
