"""Who is on the bus: Hello, Ready and Gone go in, who may speak and who takes a turn come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from bus.frames import Member

_AT_HOME: Final = frozenset(("thinker", "playback"))
"""Stages that a session keeps: its history is in one thinker, its loudspeaker at one playback."""


class WorkerId(NamedTuple):
    """One process: its stage, its number among the stage's workers, how often it was started."""

    stage: Member
    worker: int
    incarnation: int

    @property
    def identity(self) -> bytes:
        """Its name on the sockets, as `encoder.0.3`."""
        return f"{self.stage}.{self.worker}.{self.incarnation}".encode()


class Workers:
    """Knows which incarnations live, are ready, or are refused. Holds no socket or clock."""

    def __init__(self) -> None:
        self._living: dict[tuple[Member, int], WorkerId] = {}
        self._ready: set[WorkerId] = set()
        self._lost: set[Member] = set()
        self._gone: dict[tuple[Member, int], int] = {}
        self._homes: dict[tuple[str, Member], WorkerId] = {}
        self._load: Counter[WorkerId] = Counter()

    def refuses(self, worker: WorkerId) -> bool:
        """Return whether this incarnation was declared dead, or has a successor."""
        return worker.incarnation <= self._gone.get(worker[:2], -1)

    def hello(self, worker: WorkerId) -> WorkerId | None:
        """Take in `worker`; return the older incarnation that it replaces, if one still lived."""
        older = self._living.get(worker[:2])
        self._living[worker[:2]] = worker
        self._gone[worker[:2]] = worker.incarnation - 1
        return older if older is not None and older != worker else None

    def ready(self, worker: WorkerId) -> None:
        """Let `worker` be given turns."""
        self._ready.add(worker)
        self._lost.discard(worker.stage)

    def lost(self, stage: Member) -> None:
        """Take notice that a worker of `stage` will not come back."""
        if not any(living[0] == stage for living in self._living):
            self._lost.add(stage)

    def is_lost(self, stage: Member) -> bool:
        """Return whether no worker of `stage` is there, and none will come."""
        return stage in self._lost

    def is_ready(self, worker: WorkerId) -> bool:
        """Return whether `worker` lives and takes frames."""
        return worker in self._ready

    def gone(self, worker: WorkerId) -> None:
        """Refuse `worker` and all its predecessors from now on."""
        slot = worker[:2]
        self._gone[slot] = max(worker.incarnation, self._gone.get(slot, -1))
        living = self._living.get(slot)
        if living is not None and living.incarnation <= worker.incarnation:
            del self._living[slot]
        for dead in [each for each in self._ready if self.refuses(each)]:
            self._ready.discard(dead)
            self._load.pop(dead, None)
        self._homes = {key: home for key, home in self._homes.items() if not self.refuses(home)}

    def pick(self, stage: Member, session: str) -> WorkerId | None:
        """Return who of `stage` takes a new turn of `session`; None: nobody is ready."""
        home = self._homes.get((session, stage))
        if home is not None:
            return home
        candidates = sorted(worker for worker in self._ready if worker.stage == stage)
        if not candidates:
            return None
        chosen = min(candidates, key=lambda worker: self._load[worker])
        if stage in _AT_HOME:
            self._homes[session, stage] = chosen
        return chosen

    def of(self, stage: Member) -> tuple[WorkerId, ...]:
        """Return the ready workers of `stage`."""
        return tuple(sorted(worker for worker in self._ready if worker.stage == stage))

    def took(self, worker: WorkerId) -> None:
        """Count a turn that `worker` now works on."""
        self._load[worker] += 1

    def left(self, workers: Iterable[WorkerId]) -> None:
        """Count a turn that `workers` no longer work on."""
        for worker in workers:
            if self._load[worker] > 0:
                self._load[worker] -= 1
