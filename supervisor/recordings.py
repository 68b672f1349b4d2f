"""Where recordings of turns go: the session and settings in, the session with a begun file out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from platformdirs import user_state_path

from bus.errors import RecordingUnusable
from bus.recording import begin_recording, drop_begun
from supervisor.errors import DaemonFailed

if TYPE_CHECKING:
    from config.session import Session
    from config.settings import Settings


def recorded(session: Session, settings: Settings) -> Session:
    """Begin the recording that is asked for, if one is; return the session that names it.

    With `daemon.record` and no name it goes to the user's state folder, named by the time.
    Raises DaemonFailed when it cannot be written.
    """
    if not session.record and not settings.daemon.record:
        return session
    path = Path(session.record) if session.record else _fresh()
    try:
        begin_recording(path, settings, session)
    except RecordingUnusable as failure:
        raise DaemonFailed(str(failure), exit_code=2) from failure
    return msgspec.structs.replace(session, record=str(path))


def forget_begun(session: Session) -> None:
    """Delete the recording of a session in which no turn came to be recorded."""
    if session.record:
        drop_begun(Path(session.record))


def _fresh() -> Path:
    folder = user_state_path("sarai") / "recordings"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise DaemonFailed(
            f"{folder}: cannot be made ({error.strerror}); set daemon.record = false", exit_code=2
        ) from error
    return folder / time.strftime("%Y-%m-%d_%H-%M-%S.frames")
