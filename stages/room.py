"""ROOM.wav: sound and its place on the capture clock in, a 16 kHz mono recording out."""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path
from typing import Final

from bus.frames import SAMPLE_RATE
from models.protocols import Int16Array
from stages.sound import SinkError

_HEADER_BYTES: Final = 44
_MOST_BYTES: Final = 0xFFFF_FFFF - _HEADER_BYTES
"""A WAV file counts its bytes in 32 bits: 37 hours."""


class RoomRecording:
    """What a microphone in the room would record of the loudspeaker, aligned with the input.

    Written as it is played, to a hidden file beside `path` that is a valid WAV file at any
    moment; `close` gives it its name. Sample 0 is sample 0 of the capture clock; where nothing
    was played there is silence.
    resume: go on with the hidden file that a killed predecessor left, if there is one.
    Raises SinkError when the folder cannot be written to, here and in every method.
    """

    def __init__(self, path: Path, *, resume: bool = False) -> None:
        self.path = path
        self._part = path.with_name(f".{path.name}.part")
        flags = os.O_RDWR | os.O_CREAT | (0 if resume else os.O_TRUNC)
        if path.is_dir():
            raise SinkError(f"{path}: is a folder; name a file to write to")
        try:
            self._file = os.open(self._part, flags, 0o644)
            held_bytes = os.fstat(self._file).st_size - _HEADER_BYTES
        except OSError as error:
            raise self._failed(error) from error
        self._samples = max(0, held_bytes // 2)
        try:
            self._write(0, self._header())
        except SinkError:
            self.abandon()
            raise

    @property
    def samples(self) -> int:
        """Length so far."""
        return self._samples

    def play(self, clock_sample: int, pcm: Int16Array) -> None:
        """Put sound where it was heard; what stood there is replaced.

        pcm: shape (n,), int16, mono, 16 kHz.
        """
        if clock_sample < 0:
            raise ValueError("sound cannot be heard before the input began")
        at_byte = _HEADER_BYTES + 2 * clock_sample
        if 2 * (clock_sample + len(pcm)) > _MOST_BYTES:
            raise SinkError(f"{self.path}: a WAV file ends at 4 GiB; begin another")
        self._write(at_byte, pcm.astype("<i2").tobytes())
        self._grow(clock_sample + len(pcm))

    def close(self, total_samples: int) -> None:
        """Make it at least `total_samples` long and give it its name."""
        try:
            if total_samples > self._samples:
                os.ftruncate(self._file, _HEADER_BYTES + 2 * total_samples)
                self._grow(total_samples)
            os.fsync(self._file)
            os.close(self._file)
            self._part.replace(self.path)
        except OSError as error:
            raise self._failed(error) from error

    def abandon(self) -> None:
        """Leave nothing behind."""
        os.close(self._file)
        self._part.unlink(missing_ok=True)

    def _grow(self, samples: int) -> None:
        if samples > self._samples:
            self._samples = samples
            self._write(0, self._header())

    def _header(self) -> bytes:
        data_bytes = 2 * self._samples
        return struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            b"RIFF", _HEADER_BYTES - 8 + data_bytes, b"WAVE",
            b"fmt ", 16, 1, 1, SAMPLE_RATE, 2 * SAMPLE_RATE, 2, 16,
            b"data", data_bytes,
        )  # fmt: skip

    def _write(self, at_byte: int, data: bytes) -> None:
        try:
            while data:
                written_bytes = os.pwrite(self._file, data, at_byte)
                at_byte += written_bytes
                data = data[written_bytes:]
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> SinkError:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        remedy = "make room on the disk" if full else "name a file in a folder you may write to"
        return SinkError(f"{self.path}: cannot be written ({error.strerror}); {remedy}")
