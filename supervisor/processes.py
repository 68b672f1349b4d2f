"""Children of the supervisor: what is wanted in, processes started, signalled and reaped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from supervisor.zygote import Birth, die_with

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOT: Final = Path(__file__).resolve().parent.parent


class Process:
    """One running incarnation of a child."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
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


def start(birth: Birth, pass_fds: tuple[int, ...] = ()) -> Process:
    """Start a process of its own that dies with this one.

    It leads a session of its own, so that Ctrl-C reaches the supervisor alone.
    """
    popen = subprocess.Popen(
        [sys.executable, "-m", birth.module, *birth.arguments],
        cwd=_ROOT,
        env=_environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=pass_fds,
        preexec_fn=_Before(os.getpid(), birth.nice),  # noqa: PLW1509 - it takes no lock
    )
    return Process(popen)


class _Before:
    """Runs in the child before exec."""

    def __init__(self, parent: int, nice: int) -> None:
        self._parent = parent
        self._nice = nice

    def __call__(self) -> None:
        die_with(self._parent)
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
