"""Nothing in; a process that does nothing until it is killed out."""

import signal
from collections.abc import Sequence


def main(_arguments: Sequence[str]) -> int:
    """Wait for a signal."""
    signal.pause()
    return 0
