"""Hands memory that was freed, and that the C library keeps for later, back to the system.

Both functions do nothing without glibc.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
_LARGE_BYTES: Final = 1 << 20
_KEPT_BYTES: Final = 1 << 20
"""What one use after the other wants again."""


def give_back(kept_bytes: int = _KEPT_BYTES) -> None:
    """Return freed memory to the system, which takes 2 to 3 ms.

    kept_bytes: what stays at the end of the heap for the next use.

    For engines that free some 30 MB in blocks of all sizes at each use: having the C library map
    large blocks one by one, so that they leave by themselves, costs such a use a quarter more.
    """
    _of_libc("malloc_trim")(kept_bytes)


def map_large_blocks() -> None:
    """Have each block of a megabyte and more leave the process as soon as it is freed, for good.

    For processes that keep such blocks for long and seldom take new ones. Left to itself, glibc
    puts blocks of up to 32 MB on the heap once one of that size was freed, and small ones that
    come to lie behind them keep their places in memory: 6 MB in the thinker. Source: mallopt(3).
    """
    _of_libc("mallopt")(_M_MMAP_THRESHOLD, _LARGE_BYTES)


@cache
def _of_libc(name: str) -> Callable[..., int]:
    function: Callable[..., int] | None = None
    if sys.platform == "linux":
        function = getattr(ctypes.CDLL(None), name, None)
    return function or (lambda *_: 0)
