"""Memory limits that the kernel keeps: our cgroup in, one below it for each process out.

A worker that grows within a step is killed before its next beat could tell. Where the system
does not let us (see config.cgroup_plan) nothing is set, and the watch over PSS does alone.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_OURS: Final = "supervisor"
"""The cgroup for ourselves: one that has others below it may hold no process."""


class Cgroups:
    """Keeps each process of the daemon below its limit. Silent where it cannot."""

    def __init__(self, folder: Path | None, limits_mb: Mapping[str, int]) -> None:
        """Take our cgroup, which has no other process, and the most of each by name."""
        self._folder: Path | None = None
        self._names = tuple(limits_mb)
        if folder is None:
            return
        with contextlib.suppress(OSError):
            (folder / _OURS).mkdir(exist_ok=True)
            (folder / _OURS / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")
            (folder / "cgroup.subtree_control").write_text("+memory", encoding="ascii")
            for name, most_mb in limits_mb.items():
                (folder / name).mkdir(exist_ok=True)
                most_bytes = most_mb * 1_000_000
                (folder / name / "memory.max").write_text(str(most_bytes), encoding="ascii")
            self._folder = folder

    def hold(self, name: str, pid: int) -> None:
        """Put a process under its limit, before it has loaded anything."""
        if self._folder is not None:
            with contextlib.suppress(OSError):
                procs = self._folder / name / "cgroup.procs"
                procs.write_text(str(pid), encoding="ascii")

    def close(self) -> None:
        """Take away what was made, once its processes are gone; our own goes with us."""
        if self._folder is not None:
            for name in self._names:
                with contextlib.suppress(OSError):
                    (self._folder / name).rmdir()
