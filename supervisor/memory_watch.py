"""Memory of the workers: samples and times in; who sheds, drains or is killed out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from supervisor.watchdog import Kill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.stage_settings import Limits

_SAMPLE_EVERY_S: Final = 2.0
"""Each process is looked at so often: reading a gigabyte's PSS takes 5 to 10 ms."""

_SHED_EVERY_S: Final = 30.0
"""What was shed fills again with use; asking more often would only make it useless."""


_DRAIN_EVERY_S: Final = 60.0
"""A worker that is as large again right after its start needs another limit, not another start."""


class Shed(Struct, frozen=True):
    """The worker is to drop what it can read again."""

    name: str


class Drain(Struct, frozen=True):
    """The worker is to finish what it has in hand and end; it is started again."""

    name: str
    reason: str


class _Watched:
    """What is known of one process."""

    def __init__(self, limits: Limits, due_s: float) -> None:
        self.limits = limits
        self.due_s = due_s
        self.shed_s: float | None = None
        self.drained_s: float | None = None
        self.killed = False


class MemoryWatch:
    """Holds every process to its limits."""

    def __init__(self, limits: Mapping[str, Limits]) -> None:
        """Take the limits by name. Samples are spread, so that none delays a beat."""
        spacing_s = _SAMPLE_EVERY_S / max(1, len(limits))
        self._watched = {
            name: _Watched(limit, number * spacing_s)
            for number, (name, limit) in enumerate(limits.items())
        }

    def due(self, now_s: float) -> str | None:
        """Return whose memory should be looked at now; at most one at a time."""
        for name, watched in self._watched.items():
            if now_s >= watched.due_s:
                watched.due_s = now_s + _SAMPLE_EVERY_S
                return name
        return None

    def soft_mb(self, name: str) -> int:
        """Return the size below which nothing is to be decided."""
        return self._watched[name].limits.soft_mb

    def started(self, name: str) -> None:
        """Take notice of a new process of this name."""
        watched = self._watched[name]
        watched.shed_s = None
        watched.killed = False

    def judge(self, name: str, pss_mb: float, now_s: float) -> Shed | Drain | Kill | None:
        """Return what follows from the memory that a process holds."""
        watched = self._watched[name]
        limits = watched.limits
        if pss_mb > limits.kill_mb and not watched.killed:
            watched.killed = True
            return Kill(name, f"holds {pss_mb:.0f} MB, kill_mb is {limits.kill_mb}")
        if pss_mb > limits.hard_mb and _rested(watched.drained_s, now_s, _DRAIN_EVERY_S):
            watched.drained_s = now_s
            return Drain(name, f"holds {pss_mb:.0f} MB, hard_mb is {limits.hard_mb}")
        if pss_mb > limits.soft_mb and _rested(watched.shed_s, now_s, _SHED_EVERY_S):
            watched.shed_s = now_s
            return Shed(name)
        return None


def _rested(last_s: float | None, now_s: float, every_s: float) -> bool:
    return last_s is None or now_s - last_s >= every_s
