"""What is wanted in, processes forked from a zygote out, each a child of the supervisor."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import time
from typing import Final

import msgspec

from supervisor.errors import DaemonFailed
from supervisor.processes import start
from supervisor.zygote import ROOM_FOR_NAMES, ZYGOTE, Birth

_PR_SET_CHILD_SUBREAPER: Final = 36
"""From linux/prctl.h: orphans below this process become its children."""

_WITHIN_S: Final = 20.0
"""A zygote's imports take 0.4 s, or some seconds where they are read from a cold disk."""

_LOOK_EVERY_S: Final = 0.005
_REPLY_BYTES: Final = 64


class Forked:
    """One process that was forked from the zygote; see `supervisor.processes.Process`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._exit_code: int | None = None

    def exit_code(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs.

        0 where nobody can know it: SIGCHLD is ignored, and the kernel reaps.
        """
        if self._exit_code is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                pid, status = self.pid, 0
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


class Zygote:
    """One process of `supervisor.zygote`. While it lives, this process adopts orphans."""

    def __init__(self) -> None:
        _adopt_orphans(yes=True)
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.settimeout(_WITHIN_S)
        with theirs:
            line = theirs.fileno()
            arguments = (str(line), "-" * ROOM_FOR_NAMES)
            self._process = start(Birth(module=ZYGOTE, arguments=arguments, nice=0), (line,))

    @property
    def pid(self) -> int:
        """Return the process number."""
        return self._process.pid

    def fork(self, birth: Birth) -> Forked | None:
        """Return a new process; None: the zygote is dead, and there is no process.

        The process tells its number itself, and holds the line until then: the line's end says
        that there is none. Raises DaemonFailed where nobody says anything.
        """
        with contextlib.suppress(ConnectionError):
            try:
                self._line.send(msgspec.json.encode(birth))
                reply = self._line.recv(_REPLY_BYTES)
            except TimeoutError:
                words = " ".join((birth.module, *birth.arguments))
                message = f"{words}: was not started within {_WITHIN_S:.0f} s; start again"
                raise DaemonFailed(message, exit_code=1) from None
            if reply:
                return Forked(int(reply))
        return None

    def end(self) -> None:
        """End it; its children live on."""
        self._line.close()
        self._process.signal(signal.SIGKILL)
        self._process.wait(_WITHIN_S)
        _adopt_orphans(yes=False)


def _adopt_orphans(*, yes: bool) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, int(yes))
