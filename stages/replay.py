"""Recorded frames in; the stages that are run again on them, and what they make of them, out.

No process, socket or clock: frames come in the order in which the hub routed them, and what a
stage makes is there at once. Cancel, Closed and Notice are the recorded ones.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from bus.frames import AnyFrame, Member, Order
from bus.routes import destinations, speaker
from stages.cancellation import Ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from stages.stage import Stage


class Replay:
    """Stages that are run again, in one process.

    stages: opened, by name. What the others sent is taken from the recording.
    """

    def __init__(self, stages: Mapping[Member, Stage]) -> None:
        self._stages = stages
        self._waiting: dict[Member, deque[AnyFrame]] = {name: deque() for name in stages}
        self._ended = Ended()
        for stage in stages.values():
            stage.obey(Order(kind="start", clock_ns=0))

    def run(self, frames: Iterable[AnyFrame]) -> Iterator[AnyFrame]:
        """Yield what the stages make of `frames`, in the order in which they make it."""
        for frame in frames:
            self._ended.note(frame)
            if speaker(frame) in self._stages:
                continue  # it will be made again
            self._give(frame)
            yield from self._settled()

    def _give(self, frame: AnyFrame) -> None:
        for member in destinations(frame):
            if member in self._waiting:
                self._waiting[member].append(frame)

    def _settled(self) -> Iterator[AnyFrame]:
        """Let all stages work until none has anything left to do."""
        while True:
            busy = [name for name in self._stages if self._waiting[name]]
            due = [name for name, stage in self._stages.items() if stage.due_ms() == 0.0]
            if not busy and not due:
                return
            for name in busy:
                frame = self._waiting[name].popleft()
                if not self._ended.covers(frame):
                    yield from self._worked(self._stages[name].handle(frame), frame)
            for name in due if not busy else ():
                yield from self._worked(self._stages[name].idle(), None)

    def _worked(
        self, steps: Iterator[AnyFrame | None], frame: AnyFrame | None
    ) -> Iterator[AnyFrame]:
        for out in steps:
            if out is not None and not self._ended.covers(out):
                self._give(out)
                yield out
            if frame is not None and self._ended.covers(frame):
                break
