"""Children of the supervisor: names in, processes started, signalled and reaped."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from supervisor.members import Child

_PR_SET_PDEATHSIG: Final = 1
"""prctl(2): the signal a process gets when its parent dies."""

_ROOT: Final = Path(__file__).resolve().parent.parent


class Process:
    """One running incarnation of a child."""

    def __init__(self, child: Child, incarnation: int, popen: subprocess.Popen[bytes]) -> None:
        self.child = child
        self.incarnation = incarnation
        self._popen = popen

    @property
    def pid(self) -> int:
        """Return the process number."""
        return self._popen.pid

    def exit_code(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        return self._popen.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; a process that is gone already is left alone."""
        self._popen.send_signal(number)

    def wait(self, timeout_s: float) -> bool:
        """Return whether it ended within `timeout_s`."""
        try:
            self._popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True


def start(child: Child, incarnation: int, runtime: Path) -> Process:
    """Start `child` as a process of its own that dies with this one.

    It leads a session of its own, so that Ctrl-C reaches the supervisor alone.
    """
    module = ["bus.hub"] if child.member == "hub" else ["stages.worker", child.member]
    popen = subprocess.Popen(
        [
            sys.executable, "-m", *module,
            "--runtime", str(runtime),
            "--worker", str(child.worker),
            "--incarnation", str(incarnation),
            *child.arguments,
        ],
        cwd=_ROOT,
        env=_environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_Before(os.getpid(), child.nice),  # noqa: PLW1509 - one thread only
    )  # fmt: skip
    return Process(child, incarnation, popen)


class _Before:
    """Runs in the child before exec."""

    def __init__(self, parent: int, nice: int) -> None:
        self._parent = parent
        self._nice = nice
        self._libc = ctypes.CDLL(None, use_errno=True)

    def __call__(self) -> None:
        self._libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self._parent:  # the parent died before prctl
            os._exit(1)
        if self._nice:
            os.nice(self._nice)


def _environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the children's environment: libraries start no threads that config did not ask for."""
    return {
        **inherited,
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
