"""The frame log: stamped frames go in, one file a turn comes out, until the turn is closed.

A file is a plain stream of MessagePack maps, sound included, so that any tool reads it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final

from bus import wire
from bus.frames import AnyTurnFrame, Closed
from config.logs import log

SUFFIX: Final = ".frames"
_BLOCK_BYTES: Final = 1 << 16
_CLOSED: Final = ".closed"
_CLOSED_BEFORE: Final = ".closed-before"
_MOST_CLOSED_BYTES: Final = 1 << 15
"""Some hundred turns; there are two such files at most."""

_turn_of: Final = attrgetter("session", "turn")


class FrameLog:
    """Appends each frame before it is routed. A full disk is said once and costs no turn."""

    def __init__(self, folder: Path, *, record: Path | None = None) -> None:
        """Take where files are written, and the recording that those of closed turns go to.

        record: None: the file of a closed turn is deleted.
        """
        self._folder = folder
        self._record = record
        self._files: dict[tuple[str, int], int | None] = {}
        self._has_complained = False
        self._attempt_folder(folder)

    def append(self, *frames: AnyTurnFrame) -> None:
        """Write `frames` behind the others of their turns; Closed ends a file.

        Those of one turn that follow each other are one write.
        """
        for key, together in groupby(frames, _turn_of):
            self._append(key, list(together))

    def close(self) -> None:
        """Close all files and leave them, for a hub to come."""
        for descriptor in self._files.values():
            if descriptor is not None:
                os.close(descriptor)
        self._files.clear()

    def _append(self, key: tuple[str, int], frames: Sequence[AnyTurnFrame]) -> None:
        if key not in self._files:
            self._files[key] = self._opened(key)
        descriptor = self._files[key]
        if descriptor is not None:
            records = b"".join(map(wire.encode_whole, frames))
            try:
                written = os.write(descriptor, records)
            except OSError as error:
                self._give_up(key, str(error))
            else:
                if written < len(records):
                    self._give_up(key, "no space left")
        last = frames[-1]
        if isinstance(last, Closed):
            self._end(key)
            self._note_closed(last)

    def _opened(self, key: tuple[str, int]) -> int | None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        try:
            return os.open(path_of(self._folder, *key), flags, 0o600)
        except OSError as error:
            self._complain(str(error))
            return None

    def _give_up(self, key: tuple[str, int], reason: str) -> None:
        """Go on without a file; what was torn is its last record, which readers cut off."""
        descriptor = self._files[key]
        if descriptor is not None:
            os.close(descriptor)
        self._files[key] = None
        self._complain(reason)

    def _end(self, key: tuple[str, int]) -> None:
        descriptor = self._files.pop(key)
        path = path_of(self._folder, *key)
        try:
            if descriptor is not None:
                os.close(descriptor)
                if self._record is not None:  # with a torn turn in it it could not be read
                    _append(path, self._record)
        except OSError as error:
            self._complain(str(error))
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self._complain(str(error))

    def _note_closed(self, frame: Closed) -> None:
        """Remember how a turn ended, for workers whose Closed is lost with this hub."""
        path = self._folder.with_suffix(_CLOSED)
        try:
            with path.open("ab") as file:
                file.write(wire.encode_whole(frame))
                if file.tell() > _MOST_CLOSED_BYTES:
                    path.replace(self._folder.with_suffix(_CLOSED_BEFORE))
        except OSError as error:
            self._complain(str(error))

    def _attempt_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            self._complain(str(error))

    def _complain(self, reason: str) -> None:
        if not self._has_complained:
            self._has_complained = True
            log.error(
                "frame log not written; turns go on in memory",
                folder=str(self._folder),
                reason=reason,
                remedy="free some space there",
            )


def path_of(folder: Path, session: str, turn: int) -> Path:
    """Return the file of a turn."""
    return folder / f"{session}.{turn}{SUFFIX}"


def closed_files(folder: Path) -> tuple[Path, ...]:
    """Return the files that tell how the last turns ended, older first."""
    files = (folder.with_suffix(_CLOSED_BEFORE), folder.with_suffix(_CLOSED))
    return tuple(path for path in files if path.exists())


def turns_in(folder: Path) -> list[tuple[str, int]]:
    """Return session and number of the turns that have a file in `folder`."""
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        session, _, number = path.name.removesuffix(SUFFIX).rpartition(".")
        if session and number.isdecimal():
            found.append((session, int(number)))
    return sorted(found)


def _append(source: Path, target: Path) -> None:
    """Write `source` behind `target`; what a full disk tore off is taken back."""
    with source.open("rb") as old, target.open("ab") as new:
        whole_bytes = new.tell()
        try:
            while block := old.read(_BLOCK_BYTES):
                new.write(block)
            new.flush()
        except OSError:
            os.truncate(target, whole_bytes)
            raise
