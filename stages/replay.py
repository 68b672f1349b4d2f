"""Recorded frames in; the stages that are run again on them, and what they make of them, out.

No process, socket or clock: frames come in the order in which the hub routed them, and what a
stage makes is there at once. Cancel, Closed and Notice are the recorded ones, and each turn is
worked on at the rung at which it was worked on then.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from bus.frames import (
    AnyFrame,
    Member,
    Obeyed,
    Order,
    Recalled,
    StageName,
    SummedUp,
    Transcript,
    TurnFrame,
)
from bus.routes import destinations, speaker
from stages.cancellation import Ended
from stages.rehearing import HEARD, Rehearing
from stages.rungs import Rungs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from stages.stage import Stage


class Replay:
    """Stages that are run again, in one process.

    stages: opened, by name. What the others sent is taken from the recording.
    """

    def __init__(self, stages: Mapping[StageName, Stage]) -> None:
        self._stages = dict(stages)
        self._capture = self._stages.pop("capture", None)
        self._waiting: dict[Member, deque[AnyFrame]] = {name: deque() for name in stages}
        self._ended = Ended()
        self._rungs = {name: Rungs() for name in stages}
        self._recorded_rungs: dict[tuple[str, int, StageName], int] = {}
        self._drawn_on: dict[tuple[str, int], list[Recalled | SummedUp]] = {}
        self._rehearing = Rehearing(self._capture) if self._capture is not None else None
        for stage in stages.values():
            stage.obey(Order(kind="start", clock_ns=1))

    def run(self, frames: Iterable[AnyFrame]) -> Iterator[AnyFrame]:
        """Yield what the stages make of `frames`, in the order in which they make it."""
        for recorded in frames:
            self._ended.note(recorded)
            frame = self._again(recorded)
            if frame is None:
                continue
            if frame is not recorded:
                yield frame
            self._give(frame)
            yield from self._settled()

    def learn(self, frames: Iterable[AnyFrame]) -> None:
        """Take notice of rungs, and of what answers drew on beside what was said; before `run`."""
        for frame in frames:
            if isinstance(frame, Obeyed):
                self._recorded_rungs[frame.session, frame.turn, frame.stage] = frame.rung
            elif isinstance(frame, Recalled | SummedUp):
                self._drawn_on.setdefault((frame.session, frame.turn), []).append(frame)

    def _again(self, recorded: AnyFrame) -> AnyFrame | None:
        """Return what comes in the place of a recorded frame; None: a stage will make it."""
        if self._rehearing is not None and isinstance(recorded, HEARD):
            return self._rehearing.again(recorded)
        return None if speaker(recorded) in self._waiting else recorded

    def _give(self, frame: AnyFrame) -> None:
        for member in destinations(frame):
            if member in self._waiting:
                self._waiting[member].append(frame)

    def _settled(self) -> Iterator[AnyFrame]:
        """Let all stages work until none has anything left to do."""
        while True:
            yield from self._told_capture()
            busy = [name for name in self._stages if self._waiting[name]]
            due = [name for name, stage in self._stages.items() if stage.due_ms() == 0.0]
            if not busy and not due:
                return
            for name in busy:
                frame = self._waiting[name].popleft()
                if not self._ended.covers(frame):
                    self._begin(name, frame)
                    yield from self._worked(self._stages[name].handle(frame), frame)
            for name in due if not busy else ():
                yield from self._worked(self._stages[name].idle(), None)

    def _told_capture(self) -> Iterator[AnyFrame]:
        """Let capture know what was heard and what is over; it hears on when it is asked to."""
        while self._capture is not None and self._waiting["capture"]:
            frame = self._waiting["capture"].popleft()
            yield from self._worked(self._capture.handle(frame), frame)

    def _begin(self, name: StageName, frame: AnyFrame) -> None:
        if not isinstance(frame, TurnFrame):
            return
        rungs = self._rungs[name]
        rungs.wanted = self._recorded_rungs.get((frame.session, frame.turn, name), 0)
        order, _ = rungs.begin(frame.session, frame.turn, name)
        if order is not None:
            self._stages[name].obey(order)
        if name == "thinker" and isinstance(frame, Transcript) and frame.state != "partial":
            for told in self._drawn_on.pop((frame.session, frame.turn), ()):
                for _ in self._stages[name].handle(told):
                    pass

    def _worked(
        self, steps: Iterator[AnyFrame | None], frame: AnyFrame | None
    ) -> Iterator[AnyFrame]:
        for out in steps:
            if out is not None and not self._ended.covers(out):
                self._give(out)
                yield out
            if frame is not None and self._ended.covers(frame):
                break
