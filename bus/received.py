"""How far each open turn was received: frames of a socket go in, the last `seq` of a turn out."""

from __future__ import annotations

from bus.frames import AnyFrame, Closed, OpenTurn, TurnFrame

TurnKey = tuple[str, int]


class Received:
    """What one socket has brought of the turns that are not closed.

    A restarted hub is told, and sends what came after.
    """

    def __init__(self) -> None:
        self._last: dict[TurnKey, int] = {}

    def note(self, frame: AnyFrame) -> None:
        """Take notice of a frame."""
        if isinstance(frame, TurnFrame) and not isinstance(frame, Closed):
            key = (frame.session, frame.turn)
            self._last[key] = max(frame.seq, self._last.get(key, 0))

    def forget(self, session: str, turn: int) -> None:
        """Let go of a turn: it is closed, or will be given whole."""
        self._last.pop((session, turn), None)

    def turns(self) -> set[TurnKey]:
        """Return the turns of which something came."""
        return set(self._last)

    def open_turns(self, keys: set[TurnKey]) -> tuple[OpenTurn, ...]:
        """Return how far the turns of `keys` have come on this socket; 0: not at all."""
        return tuple(
            OpenTurn(session=session, turn=turn, seq=self._last.get((session, turn), 0))
            for session, turn in sorted(keys)
        )
