from __future__ import annotations

import subprocess
import sys

import pytest

_TAKE_AND_FREE = """
from pathlib import Path
from models.heap_trim import give_back

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4 // 1024

blocks = [bytearray(100_000) for _ in range(600)]
keeper = bytearray(50_000)
held = resident_mb()
del blocks
give_back()
print(held - resident_mb())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="malloc_trim is glibc's")
def test_freed_blocks_leave_the_process() -> None:
    """Of 60 MB that were freed below a block in use, most is the system's again."""
    command = [sys.executable, "-c", _TAKE_AND_FREE]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 40
