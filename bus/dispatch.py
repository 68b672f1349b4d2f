"""Who gets what: frames of a turn go in, stamped deliveries to living workers come out."""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec.structs import force_setattr

from bus.frames import (
    AnyFrame,
    AnyTurnFrame,
    Cancel,
    Closed,
    Member,
    Resume,
    SourceEnded,
)
from bus.routes import destinations
from bus.turn import Turn
from bus.workers import WorkerId, Workers

MOST_REDELIVERIES: Final = 2
"""A turn that has killed three workers of a stage would kill the next one too."""

UNCLAIMED: Final = -1
"""Incarnation that stands for a worker from before this hub's time, until one claims the turn."""

_FOR_THOSE_WHO_KNOW: Final = frozenset((Cancel, Closed))
"""Frames that give no worker a turn which it did not have."""


class Delivery(NamedTuple):
    """A frame and who gets it."""

    frame: AnyFrame
    to: tuple[WorkerId, ...]
    is_new: bool
    """It belongs in the frame log: it was not routed before."""
    is_past: bool
    """It is part of a redelivered turn: it goes to the data socket, whatever it is."""


class Dispatch:
    """Stamps frames in one order for everything and finds their receivers."""

    def __init__(self, workers: Workers) -> None:
        self.now_ns = 0
        self.seq = 0
        self.restoring = False
        """Frames come from the log: they were stamped and given to somebody, and what followed
        from them stands in the log too."""
        self._workers = workers
        self._out: list[Delivery] = []

    def take(self) -> list[Delivery]:
        """Return what has to be delivered since the last call, in order."""
        out, self._out = self._out, []
        return out

    def is_lost(self, stage: Member) -> bool:
        """Return whether nobody of `stage` is there, and nobody will come."""
        return self._workers.is_lost(stage)

    def record(
        self,
        turn: Turn,
        origin: Member,
        frame: AnyTurnFrame,
        members: tuple[Member, ...] | None = None,
    ) -> None:
        """Stamp `frame`, keep it in `turn` and give it to `members`, by default to its route."""
        if self.restoring:
            self._restore(turn, origin, frame)
            return
        self._stamp(frame)
        turn.keep(origin, frame)
        route = destinations(frame) if members is None else members
        knows = type(frame) in _FOR_THOSE_WHO_KNOW
        to = self._those_who_know(turn, route) if knows else self._receivers(turn, route)
        self._out.append(Delivery(frame, to, is_new=True, is_past=False))

    def forward(self, frame: SourceEnded) -> None:
        """Give a frame that belongs to no turn to its route."""
        self._stamp(frame)
        to = tuple(who for member in destinations(frame) for who in self._workers.of(member))
        self._out.append(Delivery(frame, to, is_new=False, is_past=False))

    def release(self, turn: Turn) -> None:
        """Give the thinker what was withheld from it."""
        to = self._receivers(turn, ("thinker",))
        self._out += [Delivery(frame, to, is_new=False, is_past=False) for frame in turn.held]
        turn.held = []

    def supply(self, turn: Turn, stage: Member) -> bool:
        """Give `turn` to a ready worker of `stage`: as it goes on, or after a predecessor's death.

        Return False if it was given too often already.
        """
        inputs, outputs = turn.inputs(stage), turn.outputs(stage)
        if stage in turn.assigned or not (inputs or outputs):
            return True
        is_successor = stage in turn.known_to
        to = self._receivers(turn, (stage,))
        if not to:
            return True
        if not is_successor:
            # What was cancelled before it was there is nothing that it would do.
            wanted = (frame for frame in inputs if not isinstance(frame, Cancel))
            self._out += [Delivery(frame, to, is_new=False, is_past=False) for frame in wanted]
            return True
        if turn.owes(stage) or turn.phase == "hearing":
            before = turn.redeliveries.get(stage, 0)
            if before == MOST_REDELIVERIES:
                return False
            turn.redeliveries[stage] = before + 1
        resume = Resume(
            session=turn.session, turn=turn.number, inputs=len(inputs), sent=len(outputs)
        )
        self._out.append(Delivery(resume, to, is_new=False, is_past=False))
        self._out += [
            Delivery(frame, to, is_new=False, is_past=True) for frame in (resume, *inputs, *outputs)
        ]
        return True

    def assign(self, turn: Turn, worker: WorkerId) -> None:
        """Let `worker` work on `turn`."""
        turn.assigned[worker.stage] = worker
        turn.known_to.add(worker.stage)
        turn.paths.clear()
        self._workers.took(worker)

    def forget(self, turn: Turn) -> None:
        """Take a closed turn off its workers."""
        self._workers.left(turn.assigned.values())

    def _restore(self, turn: Turn, origin: Member, frame: AnyTurnFrame) -> None:
        """Keep a logged frame, and remember that workers have the turn, whoever they were."""
        if origin == "hub":
            return
        turn.keep(origin, frame)
        for member in (origin, *destinations(frame)):
            if member != "supervisor":
                turn.known_to.add(member)
                turn.assigned.setdefault(member, WorkerId(member, 0, UNCLAIMED))

    def _stamp(self, frame: AnyFrame) -> None:
        """Fill in order and time; the frame was just decoded or made, nobody else holds it."""
        self.seq += 1
        force_setattr(frame, "seq", self.seq)
        force_setattr(frame, "at_ns", self.now_ns)

    def _those_who_know(self, turn: Turn, members: tuple[Member, ...]) -> tuple[WorkerId, ...]:
        known = [turn.assigned[member] for member in members if member in turn.assigned]
        if "supervisor" in members:
            known.extend(self._workers.of("supervisor"))
        return tuple(known)

    def _receivers(self, turn: Turn, members: tuple[Member, ...]) -> tuple[WorkerId, ...]:
        """Return one worker per stage; a stage without a ready worker gets the turn later."""
        path = turn.paths.get(members)
        if path is not None:
            return path
        found: list[WorkerId] = []
        whole = True
        for member in members:
            if member == "supervisor":
                found.extend(self._workers.of("supervisor"))
                continue
            worker = turn.assigned.get(member) or self._workers.pick(member, turn.session)
            if worker is None:
                whole = False
                continue
            if member not in turn.assigned:
                self.assign(turn, worker)
            found.append(worker)
        if whole:
            turn.paths[members] = tuple(found)
        return tuple(found)
