"""What a dead predecessor left: redelivered frames go in, whole open turns come out."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

from msgspec import Struct

from bus.frames import AnyFrame, Resume, TurnFrame

TurnKey = tuple[str, int]
"""Session and turn."""


class Resumption(Struct, frozen=True, kw_only=True, gc=False):
    """An open turn that a dead predecessor left to this worker."""

    session: str
    turn: int
    inputs: Sequence[AnyFrame]
    """All that the stage was given of the turn, in `seq` order."""
    sent: Sequence[AnyFrame]
    """What the stage had sent of the turn."""


class Resuming:
    """Gathers redelivered turns, and holds back control frames that belong behind them.

    The two sockets keep no order between them, so Resume is announced on both: whichever comes
    first, control frames of that turn wait until its redelivered past has been handed out.
    """

    def __init__(self) -> None:
        self._open: Resume | None = None
        self._gathered: list[AnyFrame] = []
        self._lost = 0
        self._awaited: Counter[TurnKey] = Counter()
        self._held: deque[AnyFrame] = deque()
        self._free: deque[AnyFrame] = deque()

    @property
    def gathering(self) -> bool:
        """Whether the next data frames belong to a redelivered turn."""
        return self._open is not None

    @property
    def has_control(self) -> bool:
        """Whether a control frame that waited may go out."""
        return bool(self._free)

    def control(self, frame: AnyFrame) -> AnyFrame | None:
        """Take a control frame; return it if it may go out now."""
        if isinstance(frame, Resume):
            self._expect(_key(frame), 1)
            return None
        if isinstance(frame, TurnFrame) and self._awaited[_key(frame)] > 0:
            self._held.append(frame)
            return None
        return frame

    def next_control(self) -> AnyFrame | None:
        """Return the oldest control frame whose wait is over."""
        return self._free.popleft() if self._free else None

    def begin(self, frame: Resume) -> Resumption | None:
        """Start to gather what `frame` announces on the data socket."""
        self._open = frame
        self._gathered = []
        self._lost = 0
        return self._finished()

    def gather(self, frame: AnyFrame | None) -> Resumption | None:
        """Take the next data frame (None: it was malformed); return the turn if it is whole."""
        if frame is None:
            self._lost += 1
        else:
            self._gathered.append(frame)
        return self._finished()

    def abandon(self) -> set[TurnKey]:
        """Forget what was announced and is not whole, for its hub is dead; return those turns.

        Control frames that waited for it go too: the next hub gives the turns whole.
        """
        turns = {key for key, count in self._awaited.items() if count > 0}
        if self._open is not None:
            turns.add(_key(self._open))
        self._open = None
        self._gathered = []
        self._awaited.clear()
        self._held.clear()
        return turns

    def _finished(self) -> Resumption | None:
        resume = self._open
        if resume is None or len(self._gathered) + self._lost < resume.inputs + resume.sent:
            return None
        inputs = max(0, len(self._gathered) - resume.sent)
        self._open = None
        self._expect(_key(resume), -1)
        return Resumption(
            session=resume.session,
            turn=resume.turn,
            inputs=self._gathered[:inputs],
            sent=self._gathered[inputs:],
        )

    def _expect(self, key: TurnKey, change: int) -> None:
        """Count announcements on control up and whole turns on data down, in either order."""
        self._awaited[key] += change
        if self._awaited[key] == 0:
            del self._awaited[key]
        held, self._held = self._held, deque()
        for frame in held:
            waits = isinstance(frame, TurnFrame) and self._awaited[_key(frame)] > 0
            (self._held if waits else self._free).append(frame)


def _key(frame: TurnFrame) -> TurnKey:
    return (frame.session, frame.turn)
