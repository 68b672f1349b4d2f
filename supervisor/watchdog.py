"""The watchdog's judgement: beats and deaths in, kills and restarts out. Pure; time is given."""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from supervisor.thread_times import longest_wait_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from bus.frames import Vitals
    from config.settings import Supervisor
    from supervisor.thread_times import ThreadTimes


_IDLE_PATIENCE: Final = 4
"""Nobody waits for a worker without work: on a busy machine it may be late by so many times its
silence_ms, but one that was stopped is found all the same. Work that comes ends this patience."""

_LATE: Final = 0.5
"""From this part of its silence on, it is looked at whether a child waits for a core."""

_MOST_PATIENCE: Final = 5
"""A child that others keep from the cores may be silent so many times as long, and no longer."""

_TOLD_S: Final = 0.1
"""A shorter wait for a core explains nothing."""


class Life(Enum):
    """Where a child stands. Names follow supervisord's process states."""

    STARTING = "starting"
    READY = "ready"
    BACKOFF = "backoff"
    FATAL = "fatal"


class Start(Struct, frozen=True):
    """Start the child again."""

    name: str


class Kill(Struct, frozen=True):
    """SIGKILL the child: it does not beat, or does not get ready."""

    name: str
    reason: str


class GiveUp(Struct, frozen=True):
    """The child has used up its restarts; it stays down."""

    name: str
    reason: str

    def sentence(self, restarts: int) -> str:
        """Return what the user is told; restarts: how many there were."""
        return (
            f"{self.name}: gave up after {restarts} restarts ({self.reason}); "
            "see the log above, or run: python run_pipeline.py doctor"
        )


Decision: TypeAlias = Start | Kill | GiveUp


class Ward:
    """What the watchdog knows of one child."""

    def __init__(self, silence_ms: int, now_s: float) -> None:
        self.silence_ms = silence_ms
        self.life = Life.STARTING
        self.started_s = now_s
        self.beat_s = now_s
        self.busy = False
        self.given_s: float | None = None
        """When it was given work of which its last beat cannot know; None: it was given none."""
        self.restarts = 0
        self.deaths: deque[float] = deque()
        self.start_at_s = 0.0
        self.killed = False
        self.late_s = 0.0
        self.late_times: ThreadTimes | None = None
        """When it was first found late since its last beat, and its threads' times then."""

    @property
    def at_work(self) -> bool:
        """Return whether it has something in hand, by all that is known."""
        return self.busy or self.given_s is not None


class Watchdog:
    """Decides; the daemon carries out, and says what became of it."""

    def __init__(self, policy: Supervisor) -> None:
        self._policy = policy
        self._wards: dict[str, Ward] = {}

    def started(self, name: str, silence_ms: int, now_s: float) -> None:
        """Watch a child that was just started, for the first time or again."""
        ward = self._wards.get(name)
        if ward is None:
            self._wards[name] = Ward(silence_ms, now_s)
            return
        ward.life = Life.STARTING
        ward.started_s = ward.beat_s = now_s
        ward.busy = ward.killed = False
        ward.given_s = None
        ward.late_times = None
        ward.restarts += 1

    def beat(self, name: str, vitals: Vitals, now_s: float) -> None:
        """Take notice of a sign of life."""
        ward = self._wards[name]
        ward.beat_s = now_s
        ward.busy = vitals.busy
        ward.given_s = None
        ward.late_times = None
        if vitals.ready and ward.life is Life.STARTING:
            ward.life = Life.READY

    def given_work(self, name: str, now_s: float) -> None:
        """Take notice that the child was given something to do: it is not idle from now on."""
        ward = self._wards[name]
        if ward.life is Life.READY and not ward.busy and ward.given_s is None:
            ward.given_s = now_s
            ward.late_times = None

    def died(self, name: str, reason: str, now_s: float) -> Decision | None:
        """Take notice of a death; return GiveUp when the restarts are used up."""
        ward = self._wards[name]
        policy = self._policy
        ward.deaths.append(now_s)
        while ward.deaths and now_s - ward.deaths[0] > policy.restart_period_s:
            ward.deaths.popleft()
        if len(ward.deaths) > policy.max_restarts:
            ward.life = Life.FATAL
            return GiveUp(name, reason)
        wait_ms = min(policy.backoff_most_ms, policy.backoff_first_ms * 2 ** (len(ward.deaths) - 1))
        ward.life = Life.BACKOFF
        ward.start_at_s = now_s + wait_ms / 1000
        return None

    def drained(self, name: str) -> Start:
        """Take notice of an end that was asked for: it costs no restart of the budget."""
        self._wards[name].life = Life.BACKOFF
        self._wards[name].start_at_s = float("inf")
        return Start(name)

    def decide(self, now_s: float, look: Callable[[str], ThreadTimes]) -> list[Decision]:
        """Return what is due now. look: returns the times of a child's threads; only of late ones.

        A child is not silent while it waits for a core that others have.
        """
        decisions: list[Decision] = []
        for name, ward in self._wards.items():
            if ward.life is Life.BACKOFF and now_s >= ward.start_at_s:
                decisions.append(Start(name))
            elif not ward.killed and (reason := self._overdue(name, ward, now_s, look)):
                ward.killed = True
                decisions.append(Kill(name, reason))
        return decisions

    def life(self, name: str) -> Life:
        """Return where the child stands."""
        return self._wards[name].life

    def restarts(self, name: str) -> int:
        """Return how often the child was started again."""
        return self._wards[name].restarts

    @property
    def all_ready(self) -> bool:
        """Return whether every child takes work."""
        return all(ward.life is Life.READY for ward in self._wards.values())

    @property
    def all_quiet(self) -> bool:
        """Return whether every child is ready and has nothing to do."""
        return self.all_ready and not any(ward.at_work for ward in self._wards.values())

    def _overdue(
        self, name: str, ward: Ward, now_s: float, look: Callable[[str], ThreadTimes]
    ) -> str:
        if ward.life is Life.STARTING:
            limit_s = float(self._policy.ready_within_s)
            return f"not ready within {limit_s:.0f} s" if now_s - ward.started_s > limit_s else ""
        limit_ms = ward.silence_ms * (1 if ward.at_work else _IDLE_PATIENCE)
        silent_ms = (now_s - (ward.given_s or ward.beat_s)) * 1000
        if ward.life is not Life.READY or silent_ms <= limit_ms * _LATE:
            return ""
        if ward.late_times is None:
            ward.late_s, ward.late_times = now_s, look(name)
        if silent_ms <= limit_ms:
            return ""
        waited_s = longest_wait_s(ward.late_times, look(name), now_s - ward.late_s)
        if silent_ms - waited_s * 1000 <= limit_ms and silent_ms <= limit_ms * _MOST_PATIENCE:
            return ""
        return f"silent for {silent_ms:.0f} ms" + (
            f", {waited_s * 1000:.0f} ms of them in wait for a core" if waited_s >= _TOLD_S else ""
        )
