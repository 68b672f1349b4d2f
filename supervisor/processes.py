"""Children of the supervisor: what is wanted in, processes started, signalled and reaped."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from supervisor.errors import DaemonFailed
from supervisor.zygote import READY, ROOM_FOR_NAMES, ZYGOTE, Birth, die_with

if TYPE_CHECKING:
    from collections.abc import Mapping

_PR_SET_CHILD_SUBREAPER: Final = 36
"""From linux/prctl.h."""

_READY_WITHIN_S: Final = 30.0
"""A zygote's imports take 0.5 s, or some seconds on a machine that reads them from a cold disk."""

_BORN_WITHIN_S: Final = 1.0
"""A fork takes some milliseconds; nobody is watched meanwhile."""

_LOOK_EVERY_S: Final = 0.005
_REPLY_BYTES: Final = 64

_ROOT: Final = Path(__file__).resolve().parent.parent


class Process:
    """One running incarnation of a child."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._exit_code: int | None = None

    def exit_code(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        if self._exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._exit_code = os.waitstatus_to_exitcode(status) if pid else None
        return self._exit_code

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; a process that is gone already is left alone."""
        if self.exit_code() is None:
            os.kill(self.pid, number)

    def wait(self, timeout_s: float) -> bool:
        """Return whether it ended within `timeout_s`."""
        deadline_s = time.monotonic() + timeout_s
        while self.exit_code() is None and time.monotonic() < deadline_s:
            time.sleep(_LOOK_EVERY_S)
        return self.exit_code() is not None


class Nursery:
    """Has processes forked from a zygote, which lives while there is something to be started."""

    def __init__(self) -> None:
        _adopt_orphans(yes=True)
        self._zygote: _Zygote | None = None
        self._left_groups: set[int] = set()

    def start(self, birth: Birth) -> Process:
        """Start a process that dies with this one.

        Raises DaemonFailed where two zygotes in a row did not do it.
        """
        pid = self._ask(birth) or self._ask(birth)
        if pid is None:
            words = " ".join((birth.module, *birth.arguments))
            raise DaemonFailed(f"{words}: no process could be forked for it", exit_code=1)
        self._left_groups.discard(pid)
        return Process(pid)

    def rest(self) -> None:
        """Give back what the zygote holds, 10 MB that nobody shares; the next start takes 0.4 s."""
        if self._zygote is not None:
            self._zygote.end()
            self._zygote = None

    def bury(self, ended: Process) -> None:
        """Take notice that a process has ended: what it had started is left to us."""
        self._left_groups.add(ended.pid)

    def reap(self) -> None:
        """Reap what was left to us and has ended."""
        for group in list(self._left_groups):
            try:
                while os.waitpid(-group, os.WNOHANG)[0]:
                    continue
            except ChildProcessError:  # nobody is left of it
                self._left_groups.discard(group)

    def close(self) -> None:
        """End the zygote, and adopt nobody any more."""
        self.rest()
        _adopt_orphans(yes=False)

    def _ask(self, birth: Birth) -> int | None:
        """Return the number of a new process; None: the zygote did not do it, and is no more."""
        if self._zygote is None:
            self._zygote = _Zygote()
        pid = self._zygote.fork(birth)
        if pid is None:
            self.rest()
        return pid


class _Zygote:
    """One process of `supervisor.zygote`; what it forks is adopted by this process."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.settimeout(_READY_WITHIN_S)
        parent, descriptor = os.getpid(), theirs.fileno()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", ZYGOTE, str(descriptor), "-" * ROOM_FOR_NAMES],
                cwd=_ROOT,
                env=_environment(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(descriptor,),
                preexec_fn=lambda: die_with(parent),  # noqa: PLW1509 - one thread only
            )

    def fork(self, birth: Birth) -> int | None:
        """Return the number of the new process, which tells it itself; None: there is none."""
        reply = b""
        with contextlib.suppress(OSError):  # a time-out among them
            self._line.send(msgspec.json.encode(birth))
            reply = self._line.recv(_REPLY_BYTES)
            if reply == READY:
                self._line.settimeout(_BORN_WITHIN_S)
                reply = self._line.recv(_REPLY_BYTES)
        return int(reply) if reply else None

    def end(self) -> None:
        """End it; its children live on."""
        self._line.close()
        self._process.kill()
        self._process.wait()


def _adopt_orphans(*, yes: bool) -> None:
    """Have orphans below this process become its children, or those of a process above."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, int(yes))


def _environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the children's environment.

    Libraries start no threads that config did not ask for, and ONNX Runtime, which the zygote
    imports by its name, tells nobody of us (see `models`).
    """
    return {
        **inherited,
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "ORT_DISABLE_TELEMETRY": "1",
    }
