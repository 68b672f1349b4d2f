"""A specialist's process, from outside: questions in, its replies out, never waiting for long."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Final

import msgspec

from models.mortal import dying_with_us
from models.pool.errors import SpecialistFailed
from models.pool.messages import (
    MOST_BYTES,
    Ask,
    Begin,
    Failed,
    Leave,
    Reply,
    Task,
    Wish,
    packed,
    replies,
)

_ROOT: Final = Path(__file__).resolve().parent.parent.parent


class Running:
    """One process; dies with this one.

    settings: as JSON. Loading goes on behind; its end is a reply `Loaded` or `Failed`.
    """

    def __init__(self, name: str, settings: bytes, threads: int) -> None:
        self.name = name
        self.is_loaded = False
        self._asked = 0
        ours, theirs = Pipe()
        self._line: Connection[bytes, bytes] = ours
        descriptor = theirs.fileno()
        with theirs:
            self._process = subprocess.Popen(
                [*dying_with_us(), sys.executable, "-m", "models.pool.process", str(descriptor)],
                cwd=_ROOT,
                env={**os.environ, "OMP_NUM_THREADS": str(threads)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(descriptor,),
                start_new_session=True,
            )
        self._send(Begin(name, settings))

    @property
    def pid(self) -> int:
        """Return the process number."""
        return self._process.pid

    @property
    def is_loading(self) -> bool:
        """Return whether it has said nothing yet, not even what nobody has read."""
        return not (self.is_loaded or self._line.closed or self._line.poll())

    def ask(self, task: Task) -> int:
        """Send a question; return its number. Raises SpecialistFailed when the process is gone."""
        self._asked += 1
        self._send(Ask(self._asked, task))
        return self._asked

    def leave(self, number: int) -> None:
        """Say that nobody waits for an answer; a process that is gone need not be told."""
        with contextlib.suppress(SpecialistFailed):
            self._send(Leave(number))

    def reply(self, wait_s: float) -> Reply | None:
        """Return the next reply; None: there was none within `wait_s`. Raises SpecialistFailed."""
        try:
            if not self._line.poll(wait_s):
                return None
            reply: Reply = replies.decode(self._line.recv_bytes(MOST_BYTES))
        except (EOFError, OSError) as error:
            raise SpecialistFailed(f"{self.name}: its process has ended") from error
        except msgspec.DecodeError as error:
            raise SpecialistFailed(f"{self.name}: its process wrote garbage") from error
        return reply

    def close(self) -> None:
        """Kill the process: it holds nothing worth saving, and its memory is wanted."""
        self._line.close()
        self._process.kill()
        self._process.wait()

    def _send(self, wish: Wish) -> None:
        try:
            self._line.send_bytes(packed(wish))
        except OSError as error:
            raise SpecialistFailed(f"{self.name}: {self._last_words()}") from error

    def _last_words(self) -> str:
        """Return why the process has ended, if it said so."""
        with contextlib.suppress(SpecialistFailed):
            while reply := self.reply(0):
                if isinstance(reply, Failed):
                    return reply.reason
        return "its process has ended"
