"""Turns of a dead hub: its frames in; who goes on with them, and what was not given, out. Pure."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Final

from bus.dispatch import UNCLAIMED, Dispatch
from bus.frames import AnyTurnFrame, Closed
from bus.routes import speaker
from bus.rulings import Rulings
from bus.turn import Turn
from bus.workers import WorkerId

_LEAP: Final = 1 << 20
"""Numbers left out after a death: with a full disk more frames were stamped than were logged."""

_CLAIMED_WITHIN_NS: Final = 1_500_000_000
"""The thinker's longest step, and some more."""


class Takeover:
    """Brings back what a dead hub knew. Shares the table of open turns with its owner.

    Workers outlive the hub, and claim the turns that they had. What nobody claims within a
    moment is given to who is there, as after a worker's death.
    """

    def __init__(
        self, dispatch: Dispatch, rulings: Rulings, open_turns: dict[tuple[str, int], Turn]
    ) -> None:
        self._dispatch = dispatch
        self._rulings = rulings
        self._open = open_turns
        self.due_ns: int | None = None
        """When unclaimed turns are given away; None: there are none."""

    def restore(self, frame: AnyTurnFrame) -> Turn | None:
        """Take the next logged frame; return its turn, if it is still open."""
        key = (frame.session, frame.turn)
        self._dispatch.seq = max(self._dispatch.seq, frame.seq)
        if isinstance(frame, Closed):
            self._open.pop(key, None)
            return None
        turn = self._open.setdefault(key, Turn(*key, self._dispatch.now_ns))
        self._dispatch.restoring = True
        self._rulings.restore(turn, speaker(frame), frame)
        self._dispatch.restoring = False
        return turn

    def begin(self, *, alone: bool) -> None:
        """Go on: from now on frames come from workers. alone: all from before are dead, too."""
        if not self._open:
            return
        self._dispatch.seq += _LEAP
        self.due_ns = self._dispatch.now_ns + (0 if alone else _CLAIMED_WITHIN_NS)
        if alone:
            self.tick()

    def claim(self, worker: WorkerId, session: str, number: int) -> bool:
        """Let a worker go on with a turn that it had from a dead hub; return if it is open."""
        turn = self._open.get((session, number))
        if turn is None:
            return False
        had = turn.assigned.get(worker.stage)
        if worker.stage != "supervisor" and (had is None or had.incarnation == UNCLAIMED):
            self._dispatch.assign(turn, worker)
        return True

    def missing(self, worker: WorkerId, had: Callable[[AnyTurnFrame], bool]) -> list[AnyTurnFrame]:
        """Return what a worker was not given of its turns, in `seq` order.

        had: tells whether a dead hub has given it a frame.
        """
        frames: list[AnyTurnFrame] = []
        for turn in self._open.values():
            if worker.stage == "supervisor" or turn.assigned.get(worker.stage) == worker:
                if worker.stage == "thinker":
                    turn.held = [frame for frame in turn.held if not had(frame)]
                frames += [frame for frame in turn.inputs(worker.stage) if not had(frame)]
        return sorted(frames, key=attrgetter("seq"))

    def tick(self) -> None:
        """Find somebody for what no worker from before has claimed, when that is due."""
        if self.due_ns is None or self._dispatch.now_ns < self.due_ns:
            return
        self.due_ns = None
        for turn in list(self._open.values()):
            turn.paths.clear()
            unclaimed = [who for who in turn.assigned.values() if who.incarnation == UNCLAIMED]
            for who in unclaimed:
                del turn.assigned[who.stage]
                self._rulings.orphaned(turn, who.stage)
            self._rulings.settle(turn)
