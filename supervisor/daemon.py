"""The daemon: settings and a session in; processes started, watched, restarted and stopped."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Self

from bus.errors import BusError
from bus.frames import AnyFrame, Order, Vitals
from bus.line import SupervisorLine
from bus.port import Port, Resumption
from config.free_memory import free_mb
from config.logs import log
from supervisor.crew import Crew
from supervisor.errors import DaemonFailed
from supervisor.ladders import Ladders
from supervisor.members import children, ends_all, lives_on_without, name_of
from supervisor.memory import pss_mb
from supervisor.memory_plan import needs_mb, shortage
from supervisor.memory_watch import Drain, MemoryWatch, Shed
from supervisor.runtime import Runtime
from supervisor.watchdog import GiveUp, Kill, Life, Start, Watchdog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from config.session import Session
    from config.settings import Settings
    from supervisor.ladders import TurnTimes

_STARTING_MS, _WATCHING_MS, _QUIET_MS = 10.0, 50.0, 200.0
"""How long a step waits: a start is over soon, and work, of which the hub tells, ends any wait."""


class Daemon:
    """Hub, workers and their watchdog. A context manager: on leaving, no process is left."""

    def __init__(self, settings: Settings, session: Session) -> None:
        why_not = shortage(needs_mb(children(settings)), free_mb())
        if why_not:
            raise DaemonFailed(why_not, exit_code=2)
        self._settings = settings
        self._started_s = time.monotonic()
        self._recordings = bool(session.recordings)
        self._runtime = Runtime.open(settings, session)
        try:
            self._line = SupervisorLine(self._runtime.path, settings.bus)
        except BusError:
            self._runtime.remove(started=False)
            raise
        self.resumes = self._runtime.resumes
        """Whether a daemon that was killed is gone on with."""
        self._crew = Crew(settings, self._runtime.path, self._line, self._runtime.session.record)
        members = self._crew.children
        self._watchdog = Watchdog(settings.supervisor)
        self._memory = MemoryWatch({name: each.limits for name, each in members.items()})
        self._ladders = Ladders(settings)
        self._draining: set[str] = set()
        self._failures: dict[str, Vitals] = {}
        self._rungs = dict.fromkeys(members, 0)
        self._port: Port | None = None
        self._known_sample = 0
        self.clock_ns = 0
        """The monotonic instant of sample 0 on the capture clock; 0 before all are ready."""
        self.ready_ms = 0.0
        """From the start to the moment all workers took frames."""

    def __enter__(self) -> Self:
        try:
            for name in self._crew.children:
                self._start(name)
            self._port = Port(self._runtime.path, "supervisor", 0, 1, self._settings.bus)
            self._known_sample = self._port.open().clock_sample
            self._port.ready()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def step(self) -> Iterator[AnyFrame]:
        """Wait a little; watch, restart; yield what the hub told of the turns.

        Raises DaemonFailed when a worker cannot go on.
        """
        port = self._hub_port
        watching_ms = _QUIET_MS if self._watchdog.all_quiet else _WATCHING_MS
        port.wait(watching_ms if self.clock_ns else _STARTING_MS)
        self._runtime.sign(time.monotonic_ns(), self._settings.supervisor.resume_within_s)
        self._hear_vitals()
        self._bury()
        for decision in self._watchdog.decide(time.monotonic(), self._crew.thread_times):
            self._carry_out(decision)
        self._look_at_memory(time.monotonic())
        if not self.clock_ns and self._watchdog.all_ready:
            self._begin()
        for receive in (port.control, port.data):
            while (frame := receive()) is not None:
                if not isinstance(frame, Resumption):
                    for name in self._crew.with_work(frame):
                        self._watchdog.given_work(name, time.monotonic())
                    yield frame

    def judge(self, times: TurnTimes) -> None:
        """Let a stage that makes turns late take a cheaper way, or go back to the dearer one."""
        for stage, rung in self._ladders.feed(times):
            log.warning("stage changes its rung", stage=stage, rung=rung)
            self._crew.order_stage(stage, Order(kind="degrade", rung=rung))

    def vital_signs(self) -> dict[str, dict[str, float | int | None]]:
        """Return memory, restarts and rung of every process of the daemon."""
        signs: dict[str, dict[str, float | int | None]] = {
            name: {
                "pss_mb": _rounded(self._crew.pss_mb(name)),
                "restarts": self._watchdog.restarts(name),
                "rung": self._rungs[name],
            }
            for name in self._crew.running()
        }
        own_mb = _rounded(pss_mb(os.getpid()))
        return {**signs, "supervisor": {"pss_mb": own_mb, "restarts": 0, "rung": 0}}

    @property
    def _hub_port(self) -> Port:
        if self._port is None:
            raise RuntimeError("the daemon has not been entered")
        return self._port

    def _start(self, name: str) -> None:
        self._failures.pop(name, None)
        self._draining.discard(name)
        silence_ms = self._crew.children[name].limits.silence_ms
        self._watchdog.started(name, silence_ms, time.monotonic())
        self._memory.started(name)
        try:
            self._crew.start(name)
        except OSError as failure:  # no memory or no process to be had just now
            self._died(name, str(failure))

    def _begin(self) -> None:
        """Let the capture clock run: everyone is ready."""
        self._crew.all_started()
        self.ready_ms = (time.monotonic() - self._started_s) * 1000
        self.clock_ns = self._runtime.start_clock(time.monotonic_ns(), self._known_sample)
        for name in self._crew.children:
            self._crew.order(name, Order(kind="start", clock_ns=self.clock_ns))

    def _hear_vitals(self) -> None:
        while (vitals := self._line.receive(0)) is not None:
            name = name_of(vitals.stage, vitals.worker)
            if not self._crew.is_current(name, vitals.incarnation):
                continue
            if vitals.failure:
                self._failures[name] = vitals
            loaded = vitals.ready and self._watchdog.life(name) is Life.STARTING
            if loaded:
                log.debug("ready", worker=name)
            self._watchdog.beat(name, vitals, time.monotonic())
            self._rungs[name] = vitals.rung
            if loaded and self.clock_ns:
                self._went_on(name)

    def _went_on(self, name: str) -> None:
        """Tell a successor what all were told once, and everybody of a new hub."""
        if name != "hub":
            self._crew.order(name, Order(kind="start", clock_ns=self.clock_ns))
            rung = self._ladders.rung(self._crew.children[name].member)
            self._crew.order(name, Order(kind="degrade", rung=rung))
            return
        self._hub_port.greet()
        for worker in self._crew.children:
            self._crew.order(worker, Order(kind="greet"))

    def _bury(self) -> None:
        """Reap the dead, tell the hub, and ask the watchdog what follows."""
        for name, exit_code, cause in self._crew.deaths():
            self._hear_vitals()
            failure = self._failures.get(name)
            reason = failure.failure if failure is not None else cause
            if failure is not None and ends_all(failure, started=self.clock_ns > 0):
                raise DaemonFailed(failure.failure, exit_code=failure.exit_code)
            if name != "hub":
                self._hub_port.send(self._crew.gone(name))
            if exit_code == 0 and name in self._draining:
                self._carry_out(self._watchdog.drained(name))
                continue
            self._died(name, reason)

    def _died(self, name: str, reason: str) -> None:
        log.warning("worker died", worker=name, reason=reason)
        if (verdict := self._watchdog.died(name, reason, time.monotonic())) is not None:
            self._carry_out(verdict)

    def _look_at_memory(self, now_s: float) -> None:
        """Sample one process, if one is due, and hold it to its limits."""
        name = self._memory.due(now_s)
        if name is None or self._watchdog.life(name) is not Life.READY:
            return
        held_mb = self._crew.pss_mb_above(name, self._memory.soft_mb(name))
        verdict = None if held_mb is None else self._memory.judge(name, held_mb, now_s)
        if verdict is not None:
            self._carry_out(verdict)

    def _carry_out(self, decision: Start | Kill | GiveUp | Shed | Drain) -> None:
        match decision:
            case Start(name):
                self._start(name)
            case Shed(name):
                log.info("worker is to shed memory", worker=name)
                self._crew.order(name, Order(kind="shed"))
            case Drain(name, reason):
                log.warning("worker is drained", worker=name, reason=reason)
                self._draining.add(name)
                self._crew.order(name, Order(kind="drain"))
            case Kill(name, reason):
                log.warning("worker is killed", worker=name, reason=reason)
                self._crew.kill(name)
            case GiveUp(name):
                sentence = decision.sentence(self._settings.supervisor.max_restarts)
                started = self.clock_ns > 0
                if not lives_on_without(name, started=started, recordings=self._recordings):
                    raise DaemonFailed(sentence, exit_code=1)
                log.error(sentence)
                others = self._crew.of_stage(self._crew.children[name].member)
                for_good = all(self._watchdog.life(each) is Life.FATAL for each in others)
                self._hub_port.send(self._crew.gone(name, for_good=for_good))

    def _stop(self) -> None:
        """Leave no process and no file."""
        self._runtime.end()
        self._crew.stop(Order(kind="stop"), self._settings.supervisor.stop_within_s)
        if self._port is not None:
            self._port.close()
        self._line.close()
        self._runtime.remove(started=self.clock_ns > 0)


def _rounded(megabytes: float | None) -> float | None:
    return None if megabytes is None else round(megabytes, 1)
