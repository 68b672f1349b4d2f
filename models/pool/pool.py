"""Names of specialists and tasks in; their words out, and the reason where there are none."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from typing import Final

from config.free_memory import free_mb
from config.load import settings_to_json
from config.logs import log
from config.settings import Settings
from models.pool.breaker import Breaker
from models.pool.errors import SpecialistFailed, SpecialistRefused
from models.pool.messages import Ended, Failed, Loaded, Piece, Task
from models.pool.roster import Cost, Roster
from models.pool.running import Running

_STEP_S: Final = 0.02
"""How long a step waits for words: the worker beats and takes frames in between."""

_DEAF: Final = frozenset({"server", "vision"})
"""Before their first words these wait, or work, for seconds in one piece."""

_LLMS: Final = frozenset({"local", "vision"})


class Pool:
    """Loads specialists on demand, asks them, and unloads them when their time is over.

    clock: seconds; the lives of specialists are not the conversation's, and change no word of it.
    free: how many megabytes may be taken; None: nobody knows.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
        free: Callable[[], float | None] = free_mb,
    ) -> None:
        self._settings = settings.pool
        self._json = settings_to_json(settings)
        self._clock = clock
        self._free = free
        self._running: dict[str, Running] = {}
        self._busy: set[str] = set()
        self._roster = Roster(
            {
                name: Cost(memory_mb=each.memory_mb, is_llm=each.kind in _LLMS, ttl_s=each.ttl_s)
                for name, each in self._settings.specialists.items()
            },
            most_llms=self._settings.max_concurrent_llms,
            most_mb=self._settings.memory_mb,
            keep_free_mb=self._settings.keep_free_mb,
        )
        breaker = self._settings.breaker
        self._breakers = {
            name: Breaker(breaker.failures, breaker.pause_s) for name in self._settings.specialists
        }

    @property
    def pids(self) -> dict[str, int]:
        """Process numbers of those that are loaded or loading."""
        return {name: running.pid for name, running in self._running.items()}

    def want(self, name: str) -> None:
        """Begin to load `name`, if it is not: it will be asked soon. Raises SpecialistRefused."""
        if name in self._running:
            return
        verdict = self._roster.judge(name, self._free(), self._busy)
        if verdict.refusal:
            raise SpecialistRefused(verdict.refusal)
        for other in verdict.unload:
            self.unload(other)
        threads = self._settings.specialists[name].threads
        self._running[name] = Running(name, self._json, threads)
        self._roster.use(name, self._clock())

    def prepare(self, name: str) -> None:
        """Begin to load `name` where there is room for it; tells it nothing."""
        try:
            self.want(name)
        except SpecialistRefused as refusal:
            log.debug("a specialist is not loaded", reason=str(refusal))

    def answer(self, name: str, task: Task) -> Generator[str | None]:
        """Yield words as they come, None after each step without any; a step is 20 ms at most.

        Closed before its end, the specialist is told to stop, or ended if it would not hear of it.
        One question at a time and name.
        Raises SpecialistRefused; SpecialistFailed, after which its process is gone.
        """
        breaker = self._breakers[name]
        if not breaker.allows(self._clock()):
            raise SpecialistFailed(f"{name} has failed too often and is left alone for a while")
        self._busy.add(name)
        try:
            self.want(name)
            yield from self._answer(self._running[name], task)
            breaker.succeeded()
        except SpecialistFailed:
            breaker.failed(self._clock())
            self.unload(name)
            raise
        finally:
            self._busy.discard(name)
            if name in self._running:
                self._roster.use(name, self._clock())

    def tend(self) -> None:
        """Unload those whose time is over. To be called now and then."""
        for name in self._roster.due(self._clock(), self._busy):
            self.unload(name)

    def unload(self, name: str) -> None:
        """End a specialist's process at once; it is loaded again when it is asked."""
        running = self._running.pop(name, None)
        self._roster.drop(name)
        if running is not None:
            running.close()

    def close(self) -> None:
        """End all processes."""
        for name in tuple(self._running):
            self.unload(name)

    def _answer(self, running: Running, task: Task) -> Iterator[str | None]:
        limits = self._settings.specialists[running.name]
        first_s, between_s = limits.first_ms / 1000, limits.between_ms / 1000
        number = running.ask(task)
        waited_s, most_s = 0.0, first_s if running.is_loaded else limits.load_s
        has_words = False
        try:
            while True:
                # What lies between two steps is the asker's own time and does not count.
                began_s = self._clock()
                reply = running.reply(_STEP_S)
                waited_s += self._clock() - began_s
                match reply:
                    case Loaded():
                        running.is_loaded = True
                        waited_s, most_s = 0.0, first_s
                    case Piece(number=this, text=text) if this == number:
                        waited_s, most_s, has_words = 0.0, between_s, True
                        yield text
                        continue
                    case Ended(number=this) if this == number:
                        return
                    case Failed(number=this, reason=reason) if this in {0, number}:
                        raise SpecialistFailed(f"{running.name}: {reason}")
                if waited_s > most_s:
                    raise SpecialistFailed(f"{running.name}: nothing came for {most_s:g} s")
                yield None
        except GeneratorExit:
            self._leave(running, number, has_words=has_words)
            raise

    def _leave(self, running: Running, number: int, *, has_words: bool) -> None:
        """Let nobody wait for a question's answer any more.

        A deaf engine would keep the next question waiting, so that its process ends. One that is
        still loading hears it before it begins.
        """
        is_deaf = self._settings.specialists[running.name].kind in _DEAF and not has_words
        if running.is_loading or not is_deaf:
            running.leave(number)
        elif self._running.get(running.name) is running:
            self.unload(running.name)
