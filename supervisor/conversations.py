"""A new runtime folder in, one whose conversations go on where the last daemon's ended out."""

from __future__ import annotations

import os
import stat
import zlib
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]

from bus.history import FOLDER, HALF_WRITTEN, fresh_start
from config.logs import log

_SECONDS_PER_HOUR: Final = 3_600
_SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own in it, 0700
_IN_MEMORY: Final = ("tmpfs", "ramfs")


def memory_place(runtime: Path) -> Path | None:
    """Return a folder for what must outlive `runtime` and reach no disk; None: there is none.

    Another for each folder that runtime folders are made in: those are other houses.
    """
    name = f".sarai-conversations-{os.getuid()}-{zlib.crc32(os.fsencode(runtime.parent)):08x}"
    for parent in (runtime.parent, _SHARED_MEMORY):
        if _is_in_memory(parent):
            return parent / name
    return None


def go_on(runtime: Path, kept: Path, hours: int) -> None:
    """Have `runtime` keep conversations in `kept`; forget older ones.

    hours: what nobody has gone on with for so long is forgotten; it is now as `runtime`, which was
    just made, says.
    Where the folder cannot be had, they end with the daemon, and that is said.
    """
    try:
        kept.mkdir(mode=0o700, exist_ok=True)
        if not _is_ours(kept):
            log.warning("conversations end with the daemon: not our folder", folder=str(kept))
            return
        oldest_s = runtime.stat().st_mtime - hours * _SECONDS_PER_HOUR
        for path in kept.glob(f"*{HALF_WRITTEN}"):
            path.unlink()
        for path in sorted(kept.iterdir()):
            if path.stat().st_mtime < oldest_s:
                path.unlink()
            else:
                fresh_start(path)
        (runtime / FOLDER).symlink_to(kept)
    except OSError as error:
        log.warning("conversations end with the daemon", folder=str(kept), reason=str(error))


def _is_in_memory(folder: Path) -> bool:
    """Return whether what is written to `folder` reaches no disk."""
    place = folder.resolve()
    holders = [
        mount
        for mount in psutil.disk_partitions(all=True)
        if place.is_relative_to(mount.mountpoint)
    ]
    nearest = max(holders, key=lambda mount: len(mount.mountpoint), default=None)
    return nearest is not None and nearest.fstype in _IN_MEMORY


def _is_ours(folder: Path) -> bool:
    """Return whether nobody else made it, or can look into it."""
    found = folder.lstat()
    private = not found.st_mode & 0o077
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and private
