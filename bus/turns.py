"""All unfinished turns: frames, deaths and the time go in, deliveries come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from bus.dispatch import UNCLAIMED, Delivery, Dispatch
from bus.endings import Rules
from bus.frames import (
    AnyFrame,
    AnyTurnFrame,
    AudioChunk,
    OpenTurn,
    Played,
    SourceEnded,
    TurnFrame,
    Welcome,
)
from bus.routes import destinations, may_say
from bus.rulings import Rulings
from bus.takeover import Takeover
from bus.turn import Turn
from bus.workers import WorkerId, Workers

_MOST_SESSIONS: Final = 256
"""Rooms of a very large house; a peer that invents sessions does not make the hub grow."""

_BYTES_PER_SAMPLE: Final = 2


class Turns:
    """Knows every unfinished turn, and who works on it. No socket, no clock."""

    def __init__(self, rules: Rules) -> None:
        self.workers = Workers()
        self.refused: Counter[str] = Counter()
        """Well-formed frames that were dropped, by reason."""
        self._dispatch = Dispatch(self.workers)
        self._open: dict[tuple[str, int], Turn] = {}
        self._rulings = Rulings(rules, self._dispatch, self._open)
        self._takeover = Takeover(self._dispatch, self._rulings, self._open)
        self.claim = self._takeover.claim
        self.missing = self._takeover.missing
        self._latest: dict[str, int] = {}
        self._clock_sample = 0
        self._source_ended: SourceEnded | None = None

    def accept(self, origin: WorkerId, frame: AnyFrame, now_ns: int) -> list[Delivery]:
        """Take a frame from a living worker; return what follows from it, in order.

        `frame` is stamped in place. What nobody may say or wants is counted in `refused`.
        """
        self._dispatch.now_ns = now_ns
        if not may_say(origin.stage, frame):
            self.refused["not_yours"] += 1
        elif isinstance(frame, SourceEnded):
            self._source_ended = frame
            self._dispatch.forward(frame)
        elif isinstance(frame, TurnFrame):
            turn = self._admitted(origin, frame)
            if turn is not None:
                self._rulings.decide(turn, origin.stage, frame)
        return self._dispatch.take()

    def restore(self, frames: Iterable[AnyFrame], now_ns: int, *, alone: bool = False) -> None:
        """Take up the turns of a dead hub; frames: of all its logs, in `seq` order.

        alone: no worker lives that had them.
        """
        self._dispatch.now_ns = now_ns
        for frame in frames:
            if isinstance(frame, AnyTurnFrame):
                self.remember(frame.session, frame.turn)
                turn = self._takeover.restore(frame)
                if turn is not None:
                    self._hear_clock(turn, frame)
        self._takeover.begin(alone=alone)

    def started(self, now_ns: int) -> None:
        """Let patience with turns begin: until now nobody could go on with one."""
        for turn in self._open.values():
            turn.since_ns = now_ns

    def hello(self, worker: WorkerId, now_ns: int) -> list[Delivery]:
        """Take in a worker, and bury the incarnation that it replaces."""
        replaced = self.workers.hello(worker)
        return self.gone(replaced, now_ns) if replaced is not None else []

    def ready(self, worker: WorkerId, now_ns: int) -> list[Delivery]:
        """Let `worker` have what waits for its stage."""
        self._dispatch.now_ns = now_ns
        self.workers.ready(worker)
        for turn in list(self._open.values()):
            turn.paths.clear()
            self._rulings.supply(turn, worker.stage)
        if self._source_ended is not None and worker.stage in destinations(self._source_ended):
            self._dispatch.forward(self._source_ended)
        return self._dispatch.take()

    def gone(self, worker: WorkerId, now_ns: int, *, for_good: bool = False) -> list[Delivery]:
        """Refuse `worker` from now on; give its turns to others of its stage who are ready.

        for_good: it has no successor; turns that need its stage are given up.
        """
        self._dispatch.now_ns = now_ns
        self.workers.gone(worker)
        if for_good:
            self.workers.lost(worker.stage)
        for turn in list(self._open.values()):
            turn.paths.clear()
            had = turn.assigned.get(worker.stage)
            if had is None or not self.workers.refuses(had):
                continue
            del turn.assigned[worker.stage]
            self._rulings.orphaned(turn, worker.stage)
        for turn in list(self._open.values()) if for_good else ():
            self._rulings.bereaved(turn)
        return self._dispatch.take()

    def overflowed(self, session: str, number: int, now_ns: int) -> list[Delivery]:
        """Give up a turn of which a worker takes no more frames."""
        self._dispatch.now_ns = now_ns
        turn = self._open.get((session, number))
        if turn is not None:
            self._rulings.overflowed(turn)
        return self._dispatch.take()

    def tick(self, now_ns: int) -> list[Delivery]:
        """Do what is due."""
        self._dispatch.now_ns = now_ns
        self._takeover.tick()
        for turn in list(self._open.values()):
            self._rulings.tick(turn)
        return self._dispatch.take()

    def next_due_ns(self) -> int | None:
        """Return when `tick` has something to do; None: never, as things are."""
        due_ns = min(map(self._rulings.due_ns, self._open.values()), default=None)
        unclaimed_ns = self._takeover.due_ns
        return due_ns if due_ns is None or unclaimed_ns is None else min(due_ns, unclaimed_ns)

    def welcome(self) -> Welcome:
        """Return where a worker has to go on."""
        return Welcome(
            next_turn=max(self._latest.values(), default=0) + 1,
            clock_sample=self._clock_sample,
            open_turns=tuple(
                OpenTurn(session=turn.session, turn=turn.number, seq=turn.seq)
                for turn in self._open.values()
            ),
        )

    def knows(self, session: str, number: int) -> bool:
        """Return whether a turn is unfinished."""
        return (session, number) in self._open

    def can_begin(self, session: str, number: int) -> bool:
        """Return whether a turn of this number can begin: numbers only rise."""
        return number > self._latest.get(session, 0)

    def remember(self, session: str, number: int) -> None:
        """Take notice of a turn from before this hub's time: its number is taken."""
        self._latest[session] = max(number, self._latest.get(session, 0))

    def _admitted(self, origin: WorkerId, frame: AnyTurnFrame) -> Turn | None:
        """Return the turn of `frame`; None: it is too late, void, a copy, or somebody else's."""
        turn = self._open.get((frame.session, frame.turn)) or self._opened(origin, frame)
        if turn is None:
            return None
        worker = turn.assigned.get(origin.stage)
        if worker is not None and worker.incarnation == UNCLAIMED:
            worker = None  # who speaks of the turn has it
        if worker is None and origin.stage != "supervisor":
            self._dispatch.assign(turn, origin)
        elif worker is not None and worker != origin:
            self.refused["not_assigned"] += 1
            return None
        self._hear_clock(turn, frame)
        # The supervisor does not know revisions: its Notice is never about an old one.
        if origin.stage != "supervisor" and turn.is_stale(frame):
            self.refused["stale"] += 1
            return None
        if not turn.is_new(frame):
            self.refused["duplicate"] += 1
            return None
        return turn

    def _opened(self, origin: WorkerId, frame: AnyTurnFrame) -> Turn | None:
        """Open a turn at capture's first frame of it. Numbers only rise: a lower one is over."""
        if origin.stage != "capture" or not self.can_begin(frame.session, frame.turn):
            self.refused["no_such_turn"] += 1
            return None
        if len(self._latest) >= _MOST_SESSIONS and frame.session not in self._latest:
            self.refused["too_many_sessions"] += 1
            return None
        self._latest[frame.session] = frame.turn
        turn = Turn(frame.session, frame.turn, self._dispatch.now_ns)
        self._open[frame.session, frame.turn] = turn
        return turn

    def _hear_clock(self, turn: Turn, frame: AnyTurnFrame) -> None:
        """Keep the furthest point of the capture clock, and the last sign of life of a turn."""
        if isinstance(frame, AudioChunk):
            sample = frame.first_sample + len(frame.pcm) // _BYTES_PER_SAMPLE
            goes_on = turn.phase == "hearing"
        elif isinstance(frame, Played):
            sample = frame.clock_sample
            goes_on = turn.phase == "confirmed"
        else:
            return
        self._clock_sample = max(self._clock_sample, sample)
        if goes_on:
            turn.since_ns = self._dispatch.now_ns
