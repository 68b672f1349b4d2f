"""Memory of a process: its number in, megabytes of proportional set size out."""

from __future__ import annotations

from pathlib import Path


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
