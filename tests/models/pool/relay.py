"""The address of a server in, another one out, behind which the first connections hear nothing."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack, suppress
from typing import Self
from urllib.parse import urlsplit


class Relay:
    """Passes connections on to a server; says nothing on the first `silent` ones."""

    def __init__(self, url: str, silent: int = 0) -> None:
        self.taken = 0
        """How many connections were made so far."""
        self._silent = silent
        self._behind = urlsplit(url)
        self._open = ExitStack()
        self._listening = self._open.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}{self._behind.path}"
        self._taking = threading.Thread(target=self._take)

    def __enter__(self) -> Self:
        self._taking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)  # which ends the waiting for another
        self._taking.join()
        self._open.close()

    def _take(self) -> None:
        while True:
            try:
                asker = self._open.enter_context(self._listening.accept()[0])
            except OSError:
                return
            self.taken += 1
            if self.taken > self._silent:
                address = (self._behind.hostname or "", self._behind.port or 0)
                answerer = self._open.enter_context(socket.create_connection(address))
                for ends in ((asker, answerer), (answerer, asker)):
                    threading.Thread(target=_pass_on, args=ends, daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
