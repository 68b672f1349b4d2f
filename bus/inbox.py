"""What a worker receives: two sockets in; frames, and open turns of a dead predecessor, out."""

from __future__ import annotations

from collections import deque
from typing import Final, Literal

from bus.frames import AnyFrame, OpenTurn, Resume
from bus.link import Link
from bus.received import Received, TurnKey
from bus.resuming import Resuming, Resumption

Side = Literal["data", "control"]
SIDES: Final[tuple[Side, ...]] = ("data", "control")


class Inbox:
    """Puts frames of the two sockets into an order that a stage can work with."""

    def __init__(self, data: Link, control: Link) -> None:
        """Take the links, which stay their owner's."""
        self._data = data
        self._control = control
        self._resuming = Resuming()
        self._received: dict[Side, Received] = {side: Received() for side in SIDES}
        self._early_control: deque[AnyFrame] = deque()
        self._early_data: deque[AnyFrame | Resumption] = deque()

    @property
    def has_some(self) -> bool:
        """Return whether something can be had without waiting for a socket."""
        return bool(self._early_control or self._early_data or self._resuming.has_control)

    def put_back(self, frame: AnyFrame) -> None:
        """Let a control frame that was taken too early be the next one."""
        self._early_control.append(frame)

    def data(self) -> AnyFrame | Resumption | None:
        """Return the next data frame, or an open turn left by a dead predecessor; None: neither."""
        if self._early_data:
            return self._early_data.popleft()
        while self._data.arrived():
            frame = self._data.take()
            received: AnyFrame | Resumption | None
            if isinstance(frame, Resume):
                received = self._resuming.begin(frame)
            elif self._resuming.gathering:
                received = self._resuming.gather(frame)
            else:
                received = frame
            if received is not None:
                self._note("data", received)
                return received
        return None

    def control(self) -> AnyFrame | None:
        """Return the next control frame; None: there is none now."""
        frame = self._free_control()
        if frame is not None:
            self._note("control", frame)
        return frame

    def drain(self) -> None:
        """Take all that a dead hub has sent, and forget what it only began to give.

        It will be handed out as if it came now. Control frames that waited for the past of a
        turn are forgotten with it: the next hub gives such a turn whole.
        """
        self._early_data = deque(list(iter(self.data, None)))
        self._early_control = deque(list(iter(self.control, None)))
        for key in self._resuming.abandon():
            self.forget(*key)

    def forget(self, session: str, turn: int) -> None:
        """Let go of a turn that is closed."""
        for received in self._received.values():
            received.forget(session, turn)

    def turns(self) -> set[TurnKey]:
        """Return the turns of which something came, and which are not closed."""
        return set[TurnKey]().union(*(each.turns() for each in self._received.values()))

    def open_turns(self, side: Side, turns: set[TurnKey]) -> tuple[OpenTurn, ...]:
        """Return how far `turns` have come on one of the sockets."""
        return self._received[side].open_turns(turns)

    def _free_control(self) -> AnyFrame | None:
        """Return the next control frame that does not have to wait for the past of its turn."""
        if (frame := self._resuming.next_control()) is not None:
            return frame
        while self._early_control:
            if (free := self._resuming.control(self._early_control.popleft())) is not None:
                return free
        while self._control.arrived():
            taken = self._control.take()
            if taken is not None and (free := self._resuming.control(taken)) is not None:
                return free
        return None

    def _note(self, side: Side, received: AnyFrame | Resumption) -> None:
        """Remember how far a turn came; the past of one counts for both sockets."""
        if isinstance(received, Resumption):
            for frame in received.inputs:
                for each in self._received.values():
                    each.note(frame)
        else:
            self._received[side].note(received)
