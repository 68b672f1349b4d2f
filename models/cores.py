"""Threads that compute together in; each on a core of its own out, where all cores are taken."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from config.logs import log

_THREADS: Final = Path("/proc/self/task")
_CALLER: Final = 0
"""What the system calls the thread that asks."""


def running_threads() -> frozenset[int]:
    """Return the ids of this process's threads; empty where the system does not tell."""
    if not _THREADS.is_dir():
        return frozenset()
    return frozenset(int(entry.name) for entry in _THREADS.iterdir())


def plan_cores(threads: Sequence[int], cores: Iterable[int]) -> dict[int, int]:
    """Return a core for each thread, or nothing where cores are left over. Pure.

    With a core to spare the system's scheduler evades other processes better than a fixed place
    does. Without one it sometimes puts two threads that wait for each other onto the same core,
    while a niced process has the other to itself.
    """
    free = sorted(cores)
    return dict(zip(threads, free, strict=True)) if len(threads) == len(free) > 1 else {}


class OwnCores:
    """Keeps helping threads on their cores, and the calling thread on its own while inside.

    The caller is let go between two steps, so that processes it starts inherit all cores.
    helpers: ids of the threads that compute together with the caller.
    """

    def __init__(self, helpers: Iterable[int]) -> None:
        self._all: set[int] = set()
        self._mine: set[int] = set()
        if not hasattr(os, "sched_setaffinity"):
            return
        self._all = os.sched_getaffinity(_CALLER)
        for thread, core in plan_cores([_CALLER, *helpers], self._all).items():
            if thread == _CALLER:
                self._mine = {core}
            elif not _put(thread, {core}):
                self._mine = set()

    def __enter__(self) -> None:
        if self._mine:
            _put(_CALLER, self._mine)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._mine:
            _put(_CALLER, self._all)


def _put(thread: int, cores: set[int]) -> bool:
    try:
        os.sched_setaffinity(thread, cores)
    except OSError as error:
        # Forbidden in some containers: slower beside other processes, not wrong.
        log.debug("a thread could not be given its core", error=str(error))
        return False
    return True
