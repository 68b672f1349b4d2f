from __future__ import annotations

import subprocess
import sys

import pytest

_TAKE_AND_FREE = """
import sys
from pathlib import Path
from models.heap import give_back_freed_memory

if sys.argv[1] == "give" and not give_back_freed_memory():
    sys.exit("not glibc")
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1])
before = resident()
for megabytes in (8, 16, 24):
    block = [bytearray(500_000) for _ in range(8)], bytearray(megabytes << 20)
    del block
blocks = [bytearray(3 << 20) for _ in range(20)]
keeper = bytearray(100_000)
del blocks
print((resident() - before) * 4 // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="mallopt is glibc's")
def test_freed_blocks_leave_the_process() -> None:
    """After 60 MB were taken and freed, the process is back where it was."""
    command = [sys.executable, "-c", _TAKE_AND_FREE, "give"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 12
