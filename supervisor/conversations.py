"""A new runtime folder in, one whose conversations go on where the last daemon's ended out."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from bus.history import FOLDER, fresh_start
from config.logs import log

_SECONDS_PER_HOUR: Final = 3_600


def go_on(runtime: Path, hours: int, now_s: float) -> None:
    """Have `runtime` keep conversations where the next daemon finds them; forget older ones.

    They lie beside the runtime folder, so in memory where that is, and are of this user alone.
    hours: what nobody has gone on with for so long is forgotten. now_s: the wall clock.
    Where the folder cannot be had, they end with the daemon, and that is said.
    """
    kept = runtime.parent / f".sarai-conversations-{os.getuid()}"
    try:
        kept.mkdir(mode=0o700, exist_ok=True)
        if not _is_ours(kept):
            log.warning("conversations end with the daemon: not our folder", folder=str(kept))
            return
        for path in kept.iterdir():
            if path.stat().st_mtime < now_s - hours * _SECONDS_PER_HOUR:
                path.unlink()
            else:
                fresh_start(path)
        (runtime / FOLDER).symlink_to(kept)
    except OSError as error:
        log.warning("conversations end with the daemon", folder=str(kept), reason=str(error))


def _is_ours(folder: Path) -> bool:
    """Return whether nobody else made it, or can look into it."""
    found = folder.lstat()
    private = not found.st_mode & 0o077
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and private
