"""What one start of the daemon listens to and speaks into, as the command line gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

_FILE = "session.json"


class Session(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sources and sinks of sound of one run."""

    recordings: tuple[str, ...]
    """Sound files heard one after the other; empty: the microphone."""
    realtime: bool
    """Recordings arrive at the speed of the wall clock; False: at full speed."""
    room: str
    """Path of the recording of the room; empty: the loudspeaker, or nothing with recordings."""
    record: str = ""
    """Path of the file that the frames of closed turns are added to; empty: they are deleted."""
    lasting: bool = False
    """Started again after it was killed, it goes on where it was."""

    @property
    def listens_always(self) -> bool:
        """A recording holds no echo of the answer, so nothing is lost by listening on."""
        return bool(self.recordings)

    def write(self, runtime: Path) -> None:
        """Leave this session where the workers find it."""
        (runtime / _FILE).write_bytes(msgspec.json.encode(self))


def read_session(runtime: Path) -> Session:
    """Return the session that the supervisor wrote into `runtime`."""
    return msgspec.json.decode((runtime / _FILE).read_bytes(), type=Session)
