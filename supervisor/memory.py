"""Memory of a process: its number in, megabytes of proportional set size out."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


def pss_mb_above(pid: int, floor_mb: float) -> float | None:
    """Return the PSS of `pid` if it can be above `floor_mb`; None: it is not, or it is gone.

    The resident set, which costs nothing to read, is never smaller than the PSS.
    """
    try:
        resident_pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return pss_mb(pid) if resident_pages * _PAGE_MB > floor_mb else None


def pss_mb(pid: int) -> float | None:
    """Return the PSS of `pid` in megabytes (10^6 bytes); None when it is gone.

    PSS shares pages among the processes that map them, so that the sum over the daemon is what
    it really holds. Source: Documentation/filesystems/proc.rst, smaps_rollup.
    """
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return None
    for line in rollup.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    return None
