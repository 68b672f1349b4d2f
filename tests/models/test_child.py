"""A real command that writes, moves and removes while it is watched."""

import os
import sys
from pathlib import Path

import pytest

from models.child import run_watched

_RESTLESS = """
import shutil, sys, time
from pathlib import Path
root, seen, until = Path(sys.argv[1]), Path(sys.argv[2]), time.monotonic() + 1
while time.monotonic() < until:
    deep = root / "download" / "unpacked"
    deep.mkdir(parents=True)
    (deep / "part").write_bytes(bytes(1000))
    shutil.rmtree(root / "download")
(root / "whole").write_bytes(bytes(5000))
while not seen.exists() and time.monotonic() < until + 20:
    time.sleep(0.01)
"""


def test_folders_may_go_while_they_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those are that pip unpacked."""
    monkeypatch.setattr("models.child._POLL_S", 0.0005)
    folder, seen = tmp_path / "folder", tmp_path / "seen"
    folder.mkdir()
    sizes: list[int] = []

    def grown(size: int) -> None:
        sizes.append(size)
        if size == 5000:
            seen.touch()

    command = [sys.executable, "-c", _RESTLESS, str(folder), str(seen)]
    outcome = run_watched(command, os.environ, folder, grown)
    assert (outcome.code, outcome.log, outcome.stalled) == (0, "", False)
    assert sizes[-1] == 5000
