"""Makes this process give freed memory back to the system."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
"""Numbers of glibc's mallopt(3)."""

_LARGE_BYTES: Final = 1 << 20
_KEPT_BYTES: Final = 4 << 20


@cache
def give_back_freed_memory() -> bool:
    """Have large blocks mapped one by one, so that they leave the process when they are freed.

    By itself glibc raises its threshold to the largest block that was ever freed, and an engine
    that took 100 MB for a moment keeps them for ever. Costs an utterance about 2 ms.
    Returns whether it could be done: elsewhere than on glibc it cannot, and need not.
    """
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return False
    set_both = [mallopt(_MMAP_THRESHOLD, _LARGE_BYTES), mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)]
    return all(set_both)
