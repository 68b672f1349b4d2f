"""A folder's name and a builder in, the finished folder out: built once, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from models.durable import publish
from models.errors import CacheUnusable
from models.locks import exclusive


def build_once(folder: Path, build: Callable[[Path], None]) -> Path:
    """Return `folder`, which `build` fills if it is not there yet.

    folder: as `ModelStore.derived` returns it. build: gets an empty folder beside it, which
    becomes `folder` when build returns. Other processes wait; what a killed one left is removed.
    Raises CacheUnusable where the disk is full, and whatever `build` raises; `folder` is then
    still absent.
    """
    if folder.is_dir():
        return folder
    try:
        with exclusive(folder.with_name(f".{folder.name}.lock")):
            if not folder.is_dir():
                _build(folder, build)
    except OSError as error:
        raise CacheUnusable(folder.parent, error) from error
    return folder


def _build(folder: Path, build: Callable[[Path], None]) -> None:
    staged = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    try:
        build(staged)
        publish(staged, folder)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
