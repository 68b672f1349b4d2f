"""How much memory may still be taken: the system's files in, megabytes out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_CGROUPS: Final = Path("/sys/fs/cgroup")
_MEGABYTE: Final = 1e6


def free_mb(proc: Path = Path("/proc"), cgroups: Path = _CGROUPS) -> float | None:
    """Return the megabytes (10^6 bytes) that are free here; None where nothing tells.

    The least of what the machine has available and what each cgroup (version 2) around this
    process may still take.
    """
    found = [_available_mb(proc), *_left_in_cgroups(proc, cgroups)]
    known = [each for each in found if each is not None]
    return min(known, default=None)


def _available_mb(proc: Path) -> float | None:
    for line in _text(proc / "meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024 / _MEGABYTE
    return None


def _left_in_cgroups(proc: Path, cgroups: Path) -> list[float | None]:
    """Return what is left in the process's group and in those that contain it."""
    own = next(
        (line[3:] for line in _text(proc / "self" / "cgroup").splitlines() if line[:3] == "0::"),
        "/",
    )
    group = cgroups / own.lstrip("/")
    around = [group, *group.parents]
    return [_left_mb(each) for each in around if each == cgroups or cgroups in each.parents]


def _left_mb(group: Path) -> float | None:
    """Return what `group` may still take; what its files hold in cache counts as free."""
    limit, used = _text(group / "memory.max").strip(), _text(group / "memory.current").strip()
    if not limit.isdecimal() or not used.isdecimal():
        return None
    cached = 0
    for line in _text(group / "memory.stat").splitlines():
        name, _, value = line.partition(" ")
        if name in ("inactive_file", "active_file"):
            cached += int(value)
    return (int(limit) - int(used) + cached) / _MEGABYTE


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
