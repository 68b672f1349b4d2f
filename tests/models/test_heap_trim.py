from __future__ import annotations

import subprocess
import sys

import pytest

_RESIDENT = """
from pathlib import Path
from models.heap_trim import give_back, map_large_blocks

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4 // 1024
"""

_TAKE_AND_FREE = """
blocks = [bytearray(100_000) for _ in range(600)]
keeper = bytearray(50_000)
held = resident_mb()
del blocks
give_back()
print(held - resident_mb())
"""


_TAKE_LARGE_ONES = """
map_large_blocks()
bytearray(30 << 20)  # raises the size from which glibc maps, where that is not settled
blocks = []
for _ in range(20):
    blocks += [bytearray(3 << 20), bytearray(100_000)]
held = resident_mb()
del blocks[::2]
print(held - resident_mb())
"""


def _printed_mb(program: str) -> int:
    command = [sys.executable, "-c", _RESIDENT + program]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="malloc_trim is glibc's")
def test_freed_blocks_leave_the_process() -> None:
    """Of 60 MB that were freed below a block in use, most is the system's again."""
    assert _printed_mb(_TAKE_AND_FREE) > 40


@pytest.mark.skipif(sys.platform != "linux", reason="mallopt is glibc's")
def test_large_blocks_leave_by_themselves() -> None:
    """Of 60 MB between small blocks in use, all is the system's as soon as it is freed."""
    assert _printed_mb(_TAKE_LARGE_ONES) > 50
