"""Threads of a process: its number in; how long each ran, and waited for a core, out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class ThreadTime(Struct, frozen=True):
    """What the kernel's scheduler knows of one thread, since it began."""

    ran_s: float
    waited_s: float
    """In the queue of a core. A wait counts once it is over."""
    is_runnable: bool
    """It runs or would run; one that sleeps, or was stopped by a signal, would not."""


ThreadTimes: TypeAlias = "Mapping[int, ThreadTime]"
"""By thread number."""


def thread_times(pid: int) -> dict[int, ThreadTime]:
    """Return the times of all threads of `pid`; none where it is gone or the system does not tell.

    Source: Documentation/scheduler/sched-stats.rst and Documentation/filesystems/proc.rst (stat).
    """
    times = {}
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            ran_ns, waited_ns = (task / "schedstat").read_text(encoding="ascii").split()[:2]
            state = (task / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
            times[int(task.name)] = ThreadTime(
                int(ran_ns) / 1e9, int(waited_ns) / 1e9, state == "R"
            )
    except (OSError, ValueError):
        return {}
    return times


def longest_wait_s(before: ThreadTimes, now: ThreadTimes, between_s: float) -> float:
    """Return how long the thread that waited most has waited for a core, of `between_s` seconds.

    The work of a process is no faster than its slowest thread: others wait for that one.
    """
    return max((_wait_s(before[n], now[n], between_s) for n in now if n in before), default=0.0)


def _wait_s(before: ThreadTime, now: ThreadTime, between_s: float) -> float:
    if now.is_runnable and now.ran_s == before.ran_s:
        return between_s  # it is in the queue still
    return min(between_s, now.waited_s - before.waited_s)
