"""The process around any stage: frames from the hub go in, the stage's frames go back.

Started, or forked from the zygote, as `python -m stages.worker NAME --runtime DIR` would be.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bus.frames import AnyFrame, Clause, SpeechChunk, Transcript, TurnFrame, Vitals
from bus.port import Port, Resumption
from config.cores import keep_to, share_of
from config.load import settings_from_json
from config.logs import log
from config.session import read_session
from models.heap_trim import give_back
from stages.cancellation import Ended, calls_off
from stages.factory import build
from stages.failure import exit_code_of, sentence_of
from stages.rungs import Rungs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bus.frames import StageName
    from stages.stage import Stage


_MADE = (Transcript, Clause, SpeechChunk)
"""Work that ends with its turn. Capture hears on: only the frames are not wanted any more."""

_DRAINED_NS = 300_000_000
"""A worker that is to end does so after such a time without frames in or out, between turns."""

_IDLE_BEATS: Final = 4
"""Without work a worker beats so many times more seldom: as patient is the watchdog with it."""


class Worker:
    """Runs one stage: beats, credits and cancellation around a plain object."""

    def __init__(self, port: Port, name: StageName, *, beat_ms: int) -> None:
        self._opened: Stage | None = None
        self._port = port
        self._name = name
        self._beat_ns = beat_ms * 1_000_000
        self._stopping = self._draining = False
        self._rungs = Rungs()
        self._ready = False
        self._control: deque[AnyFrame] = deque()
        self._ended = Ended()
        self._last_beat_ns = 0
        self._told_busy = True
        self._last_step_ns = self._last_frame_ns = time.monotonic_ns()
        self._longest_step_ns = 0
        self._queue_wait_ns = 0

    def open(self, stage: Stage) -> None:
        """Load the stage and tell the hub that it takes frames."""
        self._opened = stage
        stage.open()
        give_back(kept_bytes=0)  # what loading took on top: 10 MB in capture
        self._port.ready()
        self._ready = True
        self._beat(busy=False, force=True)

    def run(self) -> None:
        """Work until told to stop."""
        while not self._stopping or self._control:
            self._port.wait(self._sleep_ms())
            self._last_step_ns = time.monotonic_ns()
            self._orders()
            self._beat(busy=not self._ended.all_over)
            self._read_control()
            received = self._control.popleft() if self._control else self._port.data()
            self._ended.note(received)
            if isinstance(received, TurnFrame | Resumption):
                self._begin(received)
            if received is not None:
                self._last_frame_ns = self._last_step_ns
                self._told_busy = True  # the supervisor knows of work, and waits for a sign
            if received is None:
                self._work(self._stage.idle(), None)
                self._stopping |= self._drained
            elif isinstance(received, Resumption):
                self._stage.resume(received.inputs, received.sent)
            elif not self._ended.covers(received):
                self._work(self._stage.handle(received), received)

    def report_failure(self, failure: str, *, exit_code: int) -> None:
        """Tell the supervisor why this process is about to end."""
        self._beat(busy=False, force=True, failure=failure[:1000], exit_code=exit_code)

    def close(self) -> None:
        """Let go of models and sockets."""
        if self._opened is not None:
            self._opened.close()
        self._port.close()

    @property
    def _stage(self) -> Stage:
        if self._opened is None:
            raise RuntimeError("no stage has been opened")
        return self._opened

    @property
    def _drained(self) -> bool:
        is_quiet = time.monotonic_ns() - self._last_frame_ns > _DRAINED_NS
        return self._draining and is_quiet and self._ended.all_over

    def _work(self, steps: Iterator[AnyFrame | None], frame: AnyFrame | None) -> None:
        """Send what `steps` yields, until it ends or is cancelled."""
        if frame is not None and frame.at_ns:
            self._queue_wait_ns = max(self._queue_wait_ns, time.monotonic_ns() - frame.at_ns)
        for out in steps:
            void = self._ended.covers(out)
            if void and isinstance(out, _MADE):
                break  # of a turn that no frame in hand names: taken up, or driven by reports
            if out is not None and not void:
                self._port.send(out)
                self._last_frame_ns = time.monotonic_ns()
            self._step_done()
            self._beat(busy=True)
            self._orders()
            self._read_control()
            if self._stopping or self._ended.covers(frame) or calls_off(self._control, frame):
                break
        _close(steps)

    def _begin(self, received: TurnFrame | Resumption) -> None:
        """Take the way that is ordered, if the turn is new, and have the log know of it."""
        order, told = self._rungs.begin(received.session, received.turn, self._name)
        if order is not None:
            self._stage.obey(order)
        if told is not None:
            self._port.send(told)

    def _read_control(self) -> None:
        while (frame := self._port.control()) is not None:
            self._ended.note(frame)
            self._control.append(frame)

    def _orders(self) -> None:
        while (order := self._port.order()) is not None:
            if order.kind == "stop":
                self._stopping = True
            elif order.kind == "drain":
                self._draining = True
            elif order.kind == "greet":
                self._port.greet()
            elif order.kind == "degrade":
                self._rungs.wanted = order.rung
            else:
                self._stage.obey(order)

    def _sleep_ms(self) -> float:
        if self._control:
            return 0.0
        due_ms = self._stage.due_ms()
        until_ms = (self._last_beat_ns + self._beat_every_ns - time.monotonic_ns()) / 1e6
        return max(0.0, until_ms if due_ms is None else min(due_ms, until_ms))

    @property
    def _beat_every_ns(self) -> int:
        """That work is over is told soon, and after that nothing is new for a while."""
        return self._beat_ns if self._told_busy else _IDLE_BEATS * self._beat_ns

    def _step_done(self) -> None:
        """Note how long the step before took."""
        now_ns = time.monotonic_ns()
        self._longest_step_ns = max(self._longest_step_ns, now_ns - self._last_step_ns)
        self._last_step_ns = now_ns

    def _beat(
        self, *, busy: bool, force: bool = False, failure: str = "", exit_code: int = 0
    ) -> None:
        now_ns = time.monotonic_ns()
        every_ns = self._beat_ns if busy else self._beat_every_ns
        if not force and now_ns - self._last_beat_ns < every_ns:
            return
        self._last_beat_ns = now_ns
        self._told_busy = busy
        self._port.beat(
            Vitals(
                stage=self._name,
                worker=self._port.worker,
                incarnation=self._port.incarnation,
                ready=self._ready,
                busy=busy,
                queue_wait_ms=self._queue_wait_ns / 1e6,
                step_ms=self._longest_step_ns / 1e6,
                rung=self._rungs.wanted,
                dropped=self._port.dropped,
                failure=failure,
                exit_code=exit_code,
            )
        )
        self._queue_wait_ns = self._longest_step_ns = 0


def _close(steps: Iterator[AnyFrame | None]) -> None:
    close = getattr(steps, "close", None)
    if close is not None:
        close()


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stages.worker", description=__doc__)
    parser.add_argument("stage", choices=("capture", "encoder", "thinker", "talker", "playback"))
    parser.add_argument("--runtime", type=Path, required=True)
    parser.add_argument("--worker", type=int, default=0)
    parser.add_argument("--incarnation", type=int, default=1)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one stage until the supervisor says stop; return the exit code."""
    arguments = _arguments(argv)
    settings = settings_from_json((arguments.runtime / "settings.json").read_bytes())
    log.configure(settings.daemon.log_level, stage=arguments.stage)
    table = getattr(settings, arguments.stage)
    keep_to(share_of(table.cores, arguments.worker, table.workers, table.threads))
    port = Port(
        arguments.runtime, arguments.stage, arguments.worker, arguments.incarnation, settings.bus
    )
    worker = Worker(port, arguments.stage, beat_ms=settings.supervisor.beat_ms)
    try:
        welcome = port.open()
        session = read_session(arguments.runtime)
        worker.open(build(arguments.stage, settings, session, welcome, arguments.runtime))
        worker.run()
    except Exception as failure:  # noqa: BLE001 - whatever it was, the supervisor is told
        log.debug("worker died", exc_info=True)
        exit_code = exit_code_of(failure)
        worker.report_failure(sentence_of(failure), exit_code=exit_code)
        return exit_code
    finally:
        worker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
