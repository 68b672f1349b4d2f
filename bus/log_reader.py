"""Reads frame logs: a file in, its frames out.

It uses the `msgpack` package and not the decoder that the hub's own library brings, so that a log
which only its writer could read would be noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgpack  # type: ignore[import-untyped]  # it brings no types

from bus import wire
from bus.errors import LogDamaged, MalformedFrame
from bus.frames import AnyFrame

_BLOCK_BYTES: Final = 1 << 16
_LONGEST_RECORD_BYTES: Final = 2 * wire.MAX_PART_BYTES


def read_frames(path: Path) -> Iterator[AnyFrame]:
    """Yield the frames of a log in the order in which they were routed.

    A torn last record is left out. Raises LogDamaged for anything broken before that.
    """
    yield from frames_in(path)


def frames_in(path: Path, begin_byte: int = 0) -> Iterator[AnyFrame]:
    """Yield the frames that stand behind `begin_byte`. Raises LogDamaged."""
    for frame, _ in _records(path, begin_byte):
        yield frame


def cut_torn_record(path: Path) -> int:
    """Cut a torn last record off `path`; return how many bytes went. Raises LogDamaged."""
    whole_bytes = 0
    for _, whole_bytes in _records(path):  # noqa: B007 - the last one counts
        pass
    torn_bytes = path.stat().st_size - whole_bytes
    if torn_bytes:
        with path.open("r+b") as file:
            file.truncate(whole_bytes)
    return torn_bytes


def _records(path: Path, begin_byte: int = 0) -> Iterator[tuple[AnyFrame, int]]:
    """Yield each frame with the offset of its end, counted from `begin_byte`."""
    unpacker = msgpack.Unpacker(raw=False, max_buffer_size=_LONGEST_RECORD_BYTES)
    with path.open("rb") as file:
        file.seek(begin_byte)
        while block := file.read(_BLOCK_BYTES):
            try:
                unpacker.feed(block)
            except msgpack.BufferFull as error:
                raise _damaged(path, unpacker.tell(), "a record without end") from error
            while (frame := _next(unpacker, path)) is not None:
                yield frame, unpacker.tell()


def _next(unpacker: msgpack.Unpacker, path: Path) -> AnyFrame | None:
    offset = unpacker.tell()
    try:
        return wire.decode_whole(unpacker.unpack())
    except msgpack.OutOfData:
        return None
    except (MalformedFrame, msgpack.UnpackException, ValueError) as error:
        raise _damaged(path, offset, str(error)) from error


def _damaged(path: Path, offset: int, why: str) -> LogDamaged:
    return LogDamaged(f"{path}: broken at byte {offset} ({why}), or of another version; delete it")
