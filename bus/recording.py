"""Recordings of turns: settings and closed frame logs go in, one file comes out; and back.

A recording is a plain stream of MessagePack maps: a header, then the frames of each turn in the
order in which the turns were closed. The hub's `seq` puts them into one order again.
"""

from __future__ import annotations

import contextlib
import os
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import msgpack  # type: ignore[import-untyped]  # it brings no types
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bus.errors import BusError, LogDamaged, RecordingRefused, RecordingUnusable
from bus.frames import AnyFrame
from bus.log_reader import frames_in
from bus.origin import Source, source_of, this_machine
from config.load import ConfigError, settings_of_old, settings_to_json
from config.session import Session
from config.settings import Settings

FORMAT: Final = 2
"""Raised when a frame changes its meaning; a reader refuses what it does not know.

2: says what was heard and on which machine, and at which rung turns were answered.
"""

_READ: Final = (1, FORMAT)

_LONGEST_HEADER_BYTES: Final = 1 << 20


class Header(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a recording begins with."""

    recording: int
    """The format."""
    settings: dict[str, Any]
    """What the daemon ran with."""
    sources: tuple[Source, ...] = ()
    """Files that were heard; none: a microphone."""
    realtime: bool = False
    """They were heard at the speed of the wall clock."""
    machine: dict[str, str] = {}
    """See bus.origin."""


class Recording(Struct, frozen=True, kw_only=True):
    """A recording as it was read."""

    settings: Settings
    header: Header
    frames: list[AnyFrame]
    """In the order in which the hub routed them."""


def begin_recording(path: Path, settings: Settings, session: Session) -> None:
    """Make the file, private, with its header.

    session: what is heard. Raises RecordingUnusable when it is there already or cannot be written.
    """
    header = Header(
        recording=FORMAT,
        settings=msgspec.json.decode(settings_to_json(settings)),
        sources=tuple(source_of(Path(name)) for name in session.recordings),
        realtime=session.realtime,
        machine=this_machine(),
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.msgpack.encode(header))
    except FileExistsError as error:
        raise RecordingUnusable(f"{path}: is there already; name another file") from error
    except OSError as error:
        raise RecordingUnusable(
            f"{path}: cannot be written ({error.strerror}); name a file in a folder of your own"
        ) from error


def drop_begun(path: Path) -> None:
    """Delete a recording that holds no turn: nothing came of what was to be recorded."""
    with contextlib.suppress(BusError, OSError):
        if not read_recording(path).frames:
            path.unlink()


def read_recording(path: Path) -> Recording:
    """Return what was recorded; a torn last record is left out.

    Raises RecordingUnusable when the file cannot be read, RecordingRefused for one of another
    version, LogDamaged for one that is broken.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_LONGEST_HEADER_BYTES)
        header, size = _header(head, path)
        frames = sorted(frames_in(path, size), key=attrgetter("seq"))
    except OSError as error:
        raise RecordingUnusable(f"{path}: cannot be read ({error.strerror})") from error
    try:
        settings = settings_of_old(header.settings)
    except ConfigError as error:
        raise RecordingRefused(
            f"{path}: was recorded with settings that this version does not know ({error}); "
            "replay it with the version that wrote it"
        ) from error
    return Recording(settings=settings, header=_placed(header, path.parent), frames=frames)


def _placed(header: Header, folder: Path) -> Header:
    """Return `header` with the names of files that are told from where the recording lies."""
    sources = (replace(each, path=str(folder / each.path)) for each in header.sources)
    return replace(header, sources=tuple(sources))


def _header(data: bytes, path: Path) -> tuple[Header, int]:
    unpacker = msgpack.Unpacker(raw=False, max_buffer_size=_LONGEST_HEADER_BYTES)
    unpacker.feed(data)
    try:
        document = unpacker.unpack()
    except (msgpack.OutOfData, msgpack.UnpackException, ValueError) as error:
        raise LogDamaged(f"{path}: is no recording; name one that `ask --record` wrote") from error
    version = document.get("recording") if isinstance(document, dict) else None
    if not isinstance(version, int):
        raise LogDamaged(f"{path}: is no recording; name one that `ask --record` wrote")
    if version not in _READ:
        raise RecordingRefused(
            f"{path}: has format {version}, this version reads {_READ[0]} to {FORMAT}; "
            "replay it with the version that wrote it"
        )
    try:
        return msgspec.convert(document, Header), unpacker.tell()
    except msgspec.ValidationError as error:
        raise LogDamaged(f"{path}: its header is broken ({error})") from error
