"""A worker on its way into the house: its two Hellos in, what it had of a dead hub out. Pure."""

from __future__ import annotations

from typing import Literal

from bus import wire
from bus.frames import AnyFrame, AnyTurnFrame, Hello, Member

Side = Literal["data", "control"]


class Joining:
    """What a worker has said of itself so far.

    Its sockets keep no order between them: it is let in when it has greeted on both.
    """

    def __init__(self) -> None:
        self.is_ready = False
        """It has said Ready already."""
        self._had: dict[Side, dict[tuple[str, int], int]] = {}

    def greeted(self, side: Side, hello: Hello) -> bool:
        """Take a Hello; return whether it was the second one."""
        self._had[side] = {(each.session, each.turn): each.seq for each in hello.open_turns}
        return len(self._had) == len(("data", "control"))

    def may_speak(self, side: Side) -> bool:
        """Return whether what comes on `side` was said to this hub.

        Before its Hello stand frames for a dead hub, which will be sent again in their order.
        """
        return side in self._had

    @property
    def turns(self) -> list[tuple[str, int]]:
        """Return session and number of the turns that the worker has not seen closed."""
        return sorted({key for had in self._had.values() for key in had})

    def had(self, stage: Member, frame: AnyTurnFrame) -> bool:
        """Return whether a dead hub has given `frame` to the worker, of `stage`."""
        last = self._had.get(side_of(frame, stage), {}).get((frame.session, frame.turn), 0)
        return frame.seq <= last


def side_of(frame: AnyFrame, stage: Member) -> Side:
    """Return the socket on which a worker of `stage` is given a frame as it happens."""
    return "control" if wire.is_control(frame) and stage != "supervisor" else "data"
