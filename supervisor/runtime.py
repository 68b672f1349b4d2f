"""The daemon's runtime directory: a private folder for sockets and frame logs, gone at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from config.load import settings_to_json
from supervisor.errors import DaemonFailed

if TYPE_CHECKING:
    from config.session import Session
    from config.settings import Settings

_LONGEST_SOCKET_PATH = 107
"""sun_path of unix(7), less the closing NUL."""


def create_runtime(settings: Settings, session: Session) -> Path:
    """Return a new 0700 directory that holds the settings and the session.

    In XDG_RUNTIME_DIR where there is one, else in the temporary folder.
    Raises DaemonFailed when it cannot be made.
    """
    parent = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    try:
        runtime = Path(tempfile.mkdtemp(prefix="sarai-", dir=parent))
        (runtime / "settings.json").write_bytes(settings_to_json(settings))
        session.write(runtime)
    except OSError as failure:
        raise DaemonFailed(
            f"{parent}: cannot make the runtime directory ({failure.strerror}); "
            "name another in XDG_RUNTIME_DIR",
            exit_code=2,
        ) from failure
    if len(str(runtime / "supervisor")) > _LONGEST_SOCKET_PATH:
        shutil.rmtree(runtime)
        raise DaemonFailed(
            f"{parent}: the path is too long for a socket; name a shorter one in XDG_RUNTIME_DIR",
            exit_code=2,
        )
    return runtime


def remove_runtime(runtime: Path) -> None:
    """Leave nothing behind."""
    shutil.rmtree(runtime, ignore_errors=True)
