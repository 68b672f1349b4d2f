"""Written files in, files that survive power loss and are whole or absent out."""

from __future__ import annotations

import os
from pathlib import Path


def flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(staged: Path, final: Path) -> None:
    """Move a finished file or folder to its final name, atomically, on the same file system."""
    for path in (staged, *staged.rglob("*")) if staged.is_dir() else (staged,):
        flush(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    staged.replace(final)
    flush(final.parent)


def write_whole(path: Path, data: bytes) -> None:
    """Write a small file so that readers see the old content or the new, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        staged.write_bytes(data)
        publish(staged, path)
    except OSError:
        staged.unlink(missing_ok=True)  # torn, it would hold what is left of a full disk
        raise
