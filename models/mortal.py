"""PARENT COMMAND … in; the command run in this process, killed by the kernel when PARENT dies.

Run as a file, with the words that `dying_with_us` puts before a command: without it, a process that
is killed would leave a download or a preparation behind that goes on for minutes. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
"""From linux/prctl.h. It outlives the exec below."""


def dying_with_us() -> list[str]:
    """Return the words before a command that make it die with this process.

    The command's first word is the path of a program. No words where the system cannot do that.
    """
    if sys.platform != "linux":
        return []
    return [sys.executable, "-I", __file__, str(os.getpid())]


def main() -> None:
    """Become the command."""
    parent, *command = sys.argv[1:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == int(parent):  # else it died before the kernel was told
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
