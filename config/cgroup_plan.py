"""Our cgroup in; where the kernel may be told limits of memory, or why it may not, out.

Source: Documentation/admin-guide/cgroup-v2.rst.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from msgspec import Struct

ROOT: Final = Path("/sys/fs/cgroup")


class Plan(Struct, frozen=True, kw_only=True):
    """Where limits are set, or why they are not."""

    folder: Path | None
    """Our cgroup; None: none is set."""
    line: str
    """What `doctor` says."""


def planned(folder: Path | None, controllers: str | None, members: str, *, writable: bool) -> Plan:
    """Return what can be done. Pure.

    folder: our cgroup, None without cgroup v2. controllers, members: what its cgroup.controllers
    and cgroup.procs hold, None where there is no such file. writable: we may make cgroups there.
    """
    if folder is None or controllers is None:
        return Plan(folder=None, line="memory.max is not set: there is no cgroup v2 here")
    if "memory" not in controllers.split():
        return Plan(folder=None, line="memory.max is not set: cgroup v2 has no memory controller")
    if not writable:
        return Plan(
            folder=None,
            line="memory.max is not set: our cgroup is not ours to change; "
            "systemd lets us with Delegate=memory",
        )
    if [int(word) for word in members.split()] not in ([], [os.getpid()]):
        return Plan(folder=None, line="memory.max is not set: others live in our cgroup")
    return Plan(folder=folder, line=f"memory.max is set below {folder}")


def folder_of(membership: str) -> Path | None:
    """Return the folder of the cgroup that a /proc/PID/cgroup names; None: of no cgroup v2."""
    path = next((line[3:] for line in membership.splitlines() if line.startswith("0::")), None)
    return None if path is None else ROOT / path.lstrip("/")


def plan() -> Plan:
    """Look at this system."""
    folder = folder_of(_read(Path("/proc/self/cgroup")) or "")
    if folder is None:
        return planned(None, None, "", writable=False)
    return planned(
        folder,
        _read(folder / "cgroup.controllers"),
        _read(folder / "cgroup.procs") or "",
        writable=os.access(folder / "cgroup.subtree_control", os.W_OK),
    )


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return None
