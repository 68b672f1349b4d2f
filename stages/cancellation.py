"""Which turns and revisions are over: Cancel and Closed frames in, yes or no out."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from bus.frames import (
    AudioChunk,
    Cancel,
    Clause,
    Closed,
    SpeechChunk,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    Transcript,
    TurnFrame,
)
from bus.resuming import Resumption

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORK = (
    AudioChunk, SpeechStarted, SpeechPaused, SpeechResumed, SpeechEnded,
    Transcript, Clause, SpeechChunk,
)  # fmt: skip
"""What asks for work. Reports (Played) and notices are heard to the end."""

_REMEMBERED = 256
"""Turns kept: far more than can be under way on the two sockets at once."""


class Ended:
    """Remembers what was cancelled or closed, for frames that are still under way."""

    def __init__(self) -> None:
        self._turns: OrderedDict[tuple[str, int, int | None], None] = OrderedDict()
        self._open: set[tuple[str, int]] = set()

    @property
    def all_over(self) -> bool:
        """Whether each turn that asked for work is closed; until then a report may come."""
        return not self._open

    def note(self, frame: object) -> None:
        """Take notice of a frame that came."""
        if isinstance(frame, Closed):
            self._open.discard((frame.session, frame.turn))
        elif isinstance(frame, Resumption) or (isinstance(frame, _WORK) and not self.covers(frame)):
            self._open.add((frame.session, frame.turn))
        if isinstance(frame, Closed) or (isinstance(frame, Cancel) and frame.whole_turn):
            self._remember((frame.session, frame.turn, None))
        elif isinstance(frame, Cancel):
            self._remember((frame.session, frame.turn, frame.revision))

    def covers(self, frame: object) -> bool:
        """Return whether work on `frame` is pointless."""
        if not isinstance(frame, TurnFrame) or not isinstance(frame, _WORK):
            return False
        whole = (frame.session, frame.turn, None)
        return whole in self._turns or (*whole[:2], frame.revision) in self._turns

    def _remember(self, key: tuple[str, int, int | None]) -> None:
        self._turns[key] = None
        while len(self._turns) > _REMEMBERED:
            self._turns.popitem(last=False)


def calls_off(waiting: Iterable[object], frame: object) -> bool:
    """Return whether a Cancel among frames that wait means work on the sound in hand.

    The last sound before a pause may come behind it, and the guess at the pause is then written
    down under the sound, which bears no revision.
    """
    return isinstance(frame, AudioChunk) and any(
        isinstance(each, Cancel) and (each.session, each.turn) == (frame.session, frame.turn)
        for each in waiting
    )
