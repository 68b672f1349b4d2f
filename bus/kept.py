"""A worker's own outputs of unfinished turns: sent frames go in, Closed lets them go."""

from __future__ import annotations

from collections import deque

from bus.frames import AnyFrame, AnyTurnFrame, Cancel, Clause, Closed, Played, SpeechChunk
from bus.wire import FRAME_OVERHEAD_BYTES

_HEADER_BYTES = 256
"""A frame without its sound, at a generous guess."""


_CLOSED_REMEMBERED = 16
"""Turns whose last frames may still be on their way out when they are closed."""


class Kept:
    """Keeps what was sent until its turn is closed, so that a restarted hub can be told again.

    Bounded: beyond `most_bytes` the oldest turn is let go.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._turns: dict[tuple[str, int], deque[AnyTurnFrame]] = {}
        self._bytes: dict[tuple[str, int], int] = {}
        self._closed: deque[tuple[str, int]] = deque(maxlen=_CLOSED_REMEMBERED)
        self.bytes_held = 0

    def add(self, frame: AnyFrame) -> None:
        """Keep `frame` if it belongs to a turn."""
        if not isinstance(frame, AnyTurnFrame):
            return
        key = (frame.session, frame.turn)
        frames = self._turns.get(key)
        if frames is None and key in self._closed:
            return
        if frames is None:
            frames = self._turns[key] = deque()
        if isinstance(frame, Played) and frames and isinstance(frames[-1], Played):
            # Played counts from the start of its clause: the newest says what the older said.
            frames[-1] = frame
            return
        frames.append(frame)
        size = _bytes_of(frame)
        self._bytes[key] = self._bytes.get(key, 0) + size
        self.bytes_held += size
        while self.bytes_held > self._most_bytes and len(self._turns) > 1:
            self._drop(next(iter(self._turns)))

    def cancelled(self, frame: Cancel) -> None:
        """Let go of clauses and sound of a revision that was void before it was heard."""
        key = (frame.session, frame.turn)
        frames = self._turns.get(key)
        if frames is None or frame.whole_turn:
            return
        wanted: deque[AnyTurnFrame] = deque()
        freed = 0
        for made in frames:
            if isinstance(made, Clause | SpeechChunk) and made.revision == frame.revision:
                freed += _bytes_of(made)
            else:
                wanted.append(made)
        self._turns[key] = wanted
        self._bytes[key] -= freed
        self.bytes_held -= freed

    def closed(self, frame: Closed) -> None:
        """Let go of a turn that the hub has closed."""
        self._drop((frame.session, frame.turn))
        self._closed.append((frame.session, frame.turn))

    def turns(self) -> set[tuple[str, int]]:
        """Return session and number of the turns that are not closed."""
        return set(self._turns)

    def all(self) -> tuple[AnyTurnFrame, ...]:
        """Return what was sent of all turns, oldest turn first."""
        return tuple(frame for frames in self._turns.values() for frame in frames)

    def frames(self, session: str, turn: int) -> tuple[AnyTurnFrame, ...]:
        """Return what was sent of a turn, oldest first."""
        return tuple(self._turns.get((session, turn), ()))

    def _drop(self, key: tuple[str, int]) -> None:
        self._turns.pop(key, None)
        self.bytes_held -= self._bytes.pop(key, 0)


def _bytes_of(frame: AnyTurnFrame) -> int:
    return FRAME_OVERHEAD_BYTES + _HEADER_BYTES + len(getattr(frame, "pcm", b""))
