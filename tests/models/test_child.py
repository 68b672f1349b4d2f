"""A real command that writes, moves and removes while it is watched."""

import os
import sys
from pathlib import Path

import pytest

from models.child import run_watched

_RESTLESS = """
import shutil, sys, time
from pathlib import Path
root, until = Path(sys.argv[1]), time.monotonic() + 1
while time.monotonic() < until:
    deep = root / "download" / "unpacked"
    deep.mkdir(parents=True)
    (deep / "part").write_bytes(bytes(1000))
    shutil.rmtree(root / "download")
(root / "whole").write_bytes(bytes(5000))
time.sleep(0.5)
"""


def test_folders_may_go_while_they_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As pip removes what it unpacked while we look at how much there is."""
    monkeypatch.setattr("models.child._POLL_S", 0.0005)
    command = [sys.executable, "-c", _RESTLESS, str(tmp_path)]
    sizes: list[int] = []
    outcome = run_watched(command, os.environ, tmp_path, sizes.append)
    assert (outcome.code, outcome.log, outcome.stalled) == (0, "", False)
    assert sizes[-1] == 5000
