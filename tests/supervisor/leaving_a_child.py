"""Milliseconds in; a process that ends at once and leaves a child behind for so long out."""

import os
import time
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Fork a child that goes on for the given milliseconds; return 7."""
    if os.fork() == 0:
        time.sleep(int(arguments[0]) / 1000)
        os._exit(0)
    return 7
