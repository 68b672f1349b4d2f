"""What the service manager is told: readiness, life and the end in, datagrams out.

The protocol is sd_notify(3): lines to the datagram socket that NOTIFY_SOCKET names. Without one
nobody is told anything.
"""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHARE: Final = 3
"""Signs of life are given so often in the time after which we would be killed; half is advised
by sd_watchdog_enabled(3), and a busy machine may hold one up."""


class Notifier:
    """Tells the service manager. Its words are never waited for, and none is worth an error.

    address: of the socket; one that begins with @ has no file. watchdog_ns: how long we may be
    silent; 0: as long as we like.
    """

    def __init__(self, address: str, watchdog_ns: int = 0) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._every_ns = watchdog_ns // _SHARE
        self._next_ns = 0
        self._is_ready = False
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if address else None
        if self._socket is not None:
            self._socket.setblocking(False)  # noqa: FBT003 - its own name

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Return a notifier as the environment asks for it, but for another one's watchdog."""
        address = environment.get("NOTIFY_SOCKET", "")
        named = environment.get("WATCHDOG_PID", "")
        microseconds = environment.get("WATCHDOG_USEC", "")
        is_ours = not named or named == str(os.getpid())
        watched = is_ours and microseconds.isdecimal()
        return cls(address, int(microseconds) * 1000 if watched else 0)

    def lives(self, now_ns: int, *, ready: bool) -> None:
        """Take a step of the loop that watches the house: say that we live, and once READY."""
        if ready and not self._is_ready:
            self._is_ready = True
            self._say("READY=1")
        if self._every_ns and now_ns >= self._next_ns:
            self._next_ns = now_ns + self._every_ns
            self._say("WATCHDOG=1")

    def stops(self) -> None:
        """Say that the end has begun."""
        self._say("STOPPING=1")

    def close(self) -> None:
        """Let go of the socket."""
        if self._socket is not None:
            self._socket.close()

    def _say(self, line: str) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(line.encode(), self._address)
