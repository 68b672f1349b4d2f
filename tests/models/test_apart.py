from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from models.apart import prepare_apart
from models.errors import EngineFailed

STARTS_A_SLOW_ONE = """
from models.apart import prepare_apart
prepare_apart("timeit", "--number=1", "--repeat=1", "import signal; signal.pause()")
"""


def test_a_preparation_dies_with_who_waits_for_it() -> None:
    """Killed, nobody is left to end it but the kernel."""
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_A_SLOW_ONE], cwd=Path(__file__).parents[2]
    ) as waiting:
        try:
            preparation = _at_work(psutil.Process(waiting.pid))
        finally:
            waiting.kill()
        _, left = psutil.wait_procs([preparation], timeout=10)
        for each in left:
            each.kill()
        assert not left


def _at_work(parent: psutil.Process) -> psutil.Process:
    """Return the child of `parent` once it is the module."""
    deadline_s = time.monotonic() + 30
    while time.monotonic() < deadline_s:
        for child in parent.children():
            if "timeit" in child.cmdline()[:3]:
                return child
        time.sleep(0.02)
    pytest.fail("no preparation was started")


def test_a_preparation_that_fails_says_why() -> None:
    """The last line that it wrote on stderr is the reason."""
    with pytest.raises(EngineFailed, match=r"No module named models\.nothing"):
        prepare_apart("models.nothing")
