"""A real OpenAI-compatible server: a GGUF file in; its address out, until it is killed."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

_READY_WITHIN_S = 60.0


class ChatServer:
    """llama.cpp's own, in a process of its own. A context manager."""

    def __init__(self, model: Path, context_tokens: int = 1_024) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/v1"
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "llama_cpp.server", "--model", str(model),
                "--host", "127.0.0.1", "--port", str(self._port), "--n_threads", "1",
                "--n_threads_batch", "1",
                "--n_ctx", str(context_tokens), "--verbose", "False",
            ],
            env={**os.environ, "OMP_NUM_THREADS": "1", "GOMP_SPINCOUNT": "1000"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __enter__(self) -> Self:
        try:
            self._wait()
        except BaseException:
            self.kill()  # nobody else will: the block is not entered
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def _wait(self) -> None:
        deadline_s = time.monotonic() + _READY_WITHIN_S
        while not self._listens():
            assert self._process.poll() is None, "the server has ended"
            assert time.monotonic() < deadline_s, "the server does not listen"
            time.sleep(0.1)

    def _listens(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", "/v1/models")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()
