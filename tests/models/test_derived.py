from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from models.derived import build_once
from models.errors import CacheUnusable


def test_builds_once(tmp_path: Path) -> None:
    """The second call finds what the first has made."""
    calls: list[Path] = []

    def build(folder: Path) -> None:
        calls.append(folder)
        (folder / "graph").write_text("whole")

    target = tmp_path / "export-v1-abc"
    for _ in range(2):
        assert (build_once(target, build) / "graph").read_text() == "whole"
    assert len(calls) == 1
    assert not calls[0].exists()


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    """What a failing builder wrote never appears, and the next one starts empty."""
    target = tmp_path / "export"

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise RuntimeError("no")

    def build(folder: Path) -> None:
        assert list(folder.iterdir()) == []

    with pytest.raises(RuntimeError):
        build_once(target, fail)
    assert not target.exists()
    assert build_once(target, build) == target


def test_removes_what_a_killed_builder_left(tmp_path: Path) -> None:
    """Half an export of a process that was killed is not built upon."""
    left = tmp_path / ".export.building"
    left.mkdir()
    (left / "half").touch()
    assert list(build_once(tmp_path / "export", lambda _: None).iterdir()) == []


def test_the_second_builder_waits(tmp_path: Path) -> None:
    """Two at once: one builds, the other waits for it and builds nothing."""
    begun, go_on = threading.Event(), threading.Event()
    builders: list[str] = []
    target = tmp_path / "export"

    def build(folder: Path) -> None:
        builders.append(threading.current_thread().name)
        begun.set()
        assert go_on.wait(30)
        (folder / "graph").touch()

    threads = [threading.Thread(target=build_once, args=(target, build)) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert begun.wait(30)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert len(builders) == 1
    assert (target / "graph").exists()


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    """A builder that meets a full disk leaves nothing, and the line names the remedy."""

    def fill(folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))

    with pytest.raises(CacheUnusable, match=r": No space left on device; make room, or name"):
        build_once(tmp_path / "export", fill)
    assert list(tmp_path.glob("*export*")) == [tmp_path / ".export.lock"]
