"""The daemon's processes by name: started, ordered, killed, looked at and reaped."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, NamedTuple

from bus.frames import Gone
from config.cgroup_plan import plan
from supervisor.cgroups import Cgroups
from supervisor.forking import Forked, Zygote
from supervisor.members import children
from supervisor.memory import pss_mb, pss_mb_above
from supervisor.processes import Process, start
from supervisor.thread_times import thread_times
from supervisor.work import workers_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bus.frames import AnyFrame, Member, Order
    from bus.line import SupervisorLine
    from config.settings import Settings
    from supervisor.thread_times import ThreadTimes


class Death(NamedTuple):
    """A process that has ended."""

    name: str
    exit_code: int
    """Negative for a signal."""
    cause: str


class Crew:
    """Knows which process is whose. Raises KeyError for a name that is nobody's."""

    def __init__(
        self, settings: Settings, runtime: Path, line: SupervisorLine, record: str
    ) -> None:
        self.children = {child.name: child for child in children(settings, record)}
        self._runtime = runtime
        self._line = line
        self._processes: dict[str, Process | Forked] = {}
        self._incarnations = dict.fromkeys(self.children, 0)
        limits_mb = {name: child.limits.kill_mb for name, child in self.children.items()}
        if settings.pool.present:  # specialists live in the cgroup of who asks them
            for name, child in self.children.items():
                if child.member == "thinker":
                    limits_mb[name] += settings.pool.memory_mb
        # Before there is a zygote: only a cgroup in which nobody else lives is taken.
        self._cgroups = Cgroups(plan().folder, limits_mb)
        self._zygote: Zygote | None = Zygote()

    def start(self, name: str) -> None:
        """Start a process, for the first time or again."""
        self._incarnations[name] += 1
        birth = self.children[name].birth(self._incarnations[name], self._runtime)
        process = (self._zygote and self._zygote.fork(birth)) or start(birth)
        self._processes[name] = process
        self._cgroups.hold(name, process.pid)

    def all_started(self) -> None:
        """End the zygote, which holds 10 MB that nobody shares."""
        if self._zygote is not None:
            self._zygote.end()
            self._zygote = None

    def is_current(self, name: str, incarnation: int) -> bool:
        """Return whether a beat comes from the process that is running now."""
        return self._incarnations.get(name) == incarnation

    def gone(self, name: str, *, for_good: bool = False) -> Gone:
        """Return what the hub is told of the last process of this name."""
        child = self.children[name]
        return Gone(
            stage=child.member,
            worker=child.worker,
            incarnation=self._incarnations[name],
            for_good=for_good,
        )

    def order(self, name: str, order: Order) -> None:
        """Give an order; one that is dead gets none."""
        child = self.children[name]
        self._line.order(child.member, child.worker, self._incarnations[name], order)

    def order_stage(self, member: Member, order: Order) -> None:
        """Give an order to all workers of a stage."""
        for name in self.of_stage(member):
            self.order(name, order)

    def of_stage(self, member: Member) -> list[str]:
        """Return the names of a stage's workers."""
        return [name for name, child in self.children.items() if child.member == member]

    def with_work(self, frame: AnyFrame) -> list[str]:
        """Return the names of all workers that `frame` may have given work to."""
        stages = workers_with(frame)
        return [name for name, child in self.children.items() if child.member in stages]

    def kill(self, name: str) -> None:
        """SIGKILL, where it still runs."""
        if name in self._processes:
            self._processes[name].signal(signal.SIGKILL)

    def pss_mb(self, name: str) -> float | None:
        """Return what a process holds; None: it does not run."""
        process = self._processes.get(name)
        return pss_mb(process.pid) if process is not None else None

    def pss_mb_above(self, name: str, floor_mb: float) -> float | None:
        """Return what a process holds if that can be more than `floor_mb`."""
        process = self._processes.get(name)
        return pss_mb_above(process.pid, floor_mb) if process is not None else None

    def thread_times(self, name: str) -> ThreadTimes:
        """Return how long each thread of a process ran and waited; none: it does not run."""
        process = self._processes.get(name)
        return thread_times(process.pid) if process is not None else {}

    def running(self) -> tuple[str, ...]:
        """Return the names of the processes that were started and not reaped."""
        return tuple(self._processes)

    def deaths(self) -> Iterator[Death]:
        """Reap processes that have ended."""
        for name, process in list(self._processes.items()):
            exit_code = process.exit_code()
            if exit_code is not None:
                del self._processes[name]
                yield Death(name, exit_code, _cause(exit_code))

    def stop(self, order: Order, within_s: float) -> None:
        """Stop all, in reverse order of the start; kill what does not obey."""
        deadline_s = time.monotonic() + within_s
        for name in reversed(list(self.children)):
            process = self._processes.pop(name, None)
            if process is None:
                continue
            self.order(name, order)
            if not process.wait(max(0.05, deadline_s - time.monotonic())):
                process.signal(signal.SIGKILL)
                process.wait(1.0)
        self.all_started()
        self._cgroups.close()


def _cause(exit_code: int) -> str:
    if exit_code < 0:
        return f"killed by {signal.Signals(-exit_code).name}"
    return f"ended with exit code {exit_code}"
