"""The daemon's runtime directory: a private folder for sockets and frame logs, gone at the end.

The folder of a daemon that was killed is gone on with; see `supervisor.leftovers`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from bus.frames import SAMPLE_RATE
from config.load import settings_to_json
from supervisor.conversations import go_on, memory_place
from supervisor.errors import DaemonFailed
from supervisor.leftovers import (
    NOBODYS,
    PREFIX,
    Leftover,
    Sign,
    Wanted,
    leave_sign,
    lock,
    taken_over,
    this_boot,
)
from supervisor.recordings import forget_begun, recorded

if TYPE_CHECKING:
    from config.session import Session
    from config.settings import Settings

_LONGEST_SOCKET_PATH: Final = 107
"""sun_path of unix(7), less the closing NUL."""

_CLOCK_LEAD_NS: Final = 50_000_000
"""The capture clock starts this long after the order, so that it reaches every worker before."""

_SIGN_EVERY_NS: Final = 1_000_000_000
"""How exactly a successor knows when we died, which is how far the capture clock had run."""


class Runtime:
    """A folder that is ours while we live."""

    def __init__(self, path: Path, descriptor: int, session: Session, before: Sign | None) -> None:
        """Take a locked folder; before: the last sign of the daemon that had it."""
        self.path = path
        self.session = session
        """What is heard, spoken into and recorded."""
        self.resumes = before is not None
        """Whether a daemon that was killed is gone on with."""
        self._lock = descriptor
        self._before = before
        self._boot = this_boot()
        self._clock_ns = 0
        self._ran_samples = before.ran_samples if before is not None else 0
        self._takeovers = before.takeovers + 1 if before is not None else 0
        self._taken_ns = time.monotonic_ns()
        self._next_sign_ns = 0

    @classmethod
    def open(cls, settings: Settings, session: Session) -> Self:
        """Return a new 0700 folder that holds the settings and the session, or a dead daemon's.

        In XDG_RUNTIME_DIR where there is one, else in the temporary folder.
        Raises DaemonFailed when it cannot be made, or a recording that is asked for cannot.
        """
        parent = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        wanted = Wanted(
            settings=settings_to_json(settings),
            session=session,
            boot=this_boot(),
            now_ns=time.monotonic_ns(),
            within_s=settings.supervisor.resume_within_s,
        )
        leftover = taken_over(parent, wanted)
        if leftover is not None:
            return cls._again(leftover)
        session = recorded(session, settings)
        try:
            fresh = cls._fresh(parent, wanted.settings, session)
        except DaemonFailed:
            forget_begun(session)
            raise
        except OSError as failure:
            forget_begun(session)
            raise DaemonFailed(
                f"{parent}: cannot make the runtime directory ({failure.strerror}); "
                "name another in XDG_RUNTIME_DIR",
                exit_code=2,
            ) from failure
        hours = settings.memory.keep_conversation_h if session.lasting else 0
        if hours and (kept := memory_place(fresh.path)) is not None:
            go_on(fresh.path, kept, hours)
        return fresh

    def start_clock(self, now_ns: int, known_sample: int) -> int:
        """Return the instant of sample 0 of the capture clock, which begins to run.

        Nobody heard anything while nobody lived: after a death the clock goes on where it stood,
        or at `known_sample`, the furthest that the hub knows of.
        """
        if self.resumes:
            ran_samples = max(self._ran_samples, known_sample)
            self._clock_ns = now_ns - ran_samples * 1_000_000_000 // SAMPLE_RATE
        else:
            self._clock_ns = now_ns + _CLOCK_LEAD_NS
        self._next_sign_ns = 0
        return self._clock_ns

    def sign(self, now_ns: int, within_s: int) -> None:
        """Leave a sign of life, if one is due. Who has lived for `within_s` has not died young."""
        if now_ns < self._next_sign_ns:
            return
        self._next_sign_ns = now_ns + _SIGN_EVERY_NS
        if now_ns - self._taken_ns > within_s * 1_000_000_000:
            self._takeovers = 0
        if self._clock_ns:
            ran_ns = max(0, now_ns - self._clock_ns)
            self._ran_samples = ran_ns * SAMPLE_RATE // 1_000_000_000
        sign = Sign(
            boot=self._boot,
            seen_ns=now_ns,
            ran_samples=self._ran_samples,
            takeovers=self._takeovers,
        )
        leave_sign(self.path, sign)

    def end(self) -> None:
        """Say that what follows is an orderly end, not a death to be gone on from."""
        leave_sign(self.path, NOBODYS)

    def remove(self, *, started: bool) -> None:
        """Leave nothing behind; of a start that failed not even an empty recording."""
        if not started:
            forget_begun(self.session)
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)

    @classmethod
    def _again(cls, leftover: Leftover) -> Self:
        return cls(leftover.folder, leftover.lock, leftover.session, leftover.sign)

    @classmethod
    def _fresh(cls, parent: Path, settings: bytes, session: Session) -> Self:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        if len(str(path / "supervisor")) > _LONGEST_SOCKET_PATH:
            shutil.rmtree(path)
            raise DaemonFailed(
                f"{parent}: the path is too long for a socket; "
                "name a shorter one in XDG_RUNTIME_DIR",
                exit_code=2,
            )
        descriptor = lock(path)
        if descriptor is None:
            raise DaemonFailed(f"{path}: is held by another program", exit_code=1)
        (path / "settings.json").write_bytes(settings)
        session.write(path)
        leave_sign(path, NOBODYS)
        return cls(path, descriptor, session, None)
