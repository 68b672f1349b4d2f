"""One recording: a file of any rate, channels and format in, 20 ms blocks of sound out."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import soundfile as sf  # type: ignore[import-untyped]

from bus.frames import CHUNK_SAMPLES, SAMPLE_RATE
from models.protocols import Int16Array
from stages.resampling import Resampler, to_int16
from stages.sound import SourceError

_READ_FRAMES: Final = 8_192
"""Frames decoded at a time: what bounds memory, however long the file is."""

_RATES: Final = range(4_000, 384_001)
_REMEDY: Final = "give a WAV, FLAC, OGG or MP3 file with sound in it"
_UNKNOWN_SIZE: Final = 0x7FFF_0000
"""Sizes from here on stand in WAV files that were written to a pipe: as long as it lasts."""


class _Stream(sf.SoundFile):  # type: ignore[misc] # its base has no types
    """A sound file that is read from its start to its end.

    The library seeks after every read of a file that can seek, and each seek makes an MP3
    decoder lose what it carries from frame to frame.
    """

    def seekable(self) -> bool:
        """Return False, so that nobody tries."""
        return False


class Recording:
    """One file as int16 mono at 16 kHz, decoded piece by piece.

    Rates from 4 to 384 kHz are resampled, channels are averaged, NaN and infinities are silence.
    Raises SourceError for a missing, empty or truncated file, or one that is not audio.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = _open(path)
        self._resampler = Resampler(self._file.samplerate, SAMPLE_RATE)
        self._held = np.zeros(0, np.int16)
        self._at = 0
        self._decoded = False
        self.samples: int = round(self._file.frames * SAMPLE_RATE / self._file.samplerate)
        """Its length at 16 kHz, before the last block is filled up with silence."""

    def read(self) -> Int16Array | None:
        """Return the next block, shape (320,), the last one zero padded; None after the end.

        Raises SourceError when the file cannot be decoded further.
        """
        while len(self._held) - self._at < CHUNK_SAMPLES and not self._decoded:
            self._held = np.concatenate([self._held[self._at :], self._decode()])
            self._at = 0
        block = self._held[self._at : self._at + CHUNK_SAMPLES]
        self._at += len(block)
        if len(block) == CHUNK_SAMPLES:
            return block
        return np.pad(block, (0, CHUNK_SAMPLES - len(block))) if len(block) else None

    def _decode(self) -> Int16Array:
        """Return what the next piece of the file adds."""
        try:
            frames = self._file.read(_READ_FRAMES, dtype="float32", always_2d=True)
        except sf.SoundFileError as error:
            raise SourceError(
                f"{self.path}: cannot be decoded to its end; record or copy it again"
            ) from error
        # a bad sample must not spread through the resampler, nor one channel's into the other's
        np.nan_to_num(frames, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        mono = frames[:, 0] if frames.shape[1] == 1 else frames.mean(axis=1)
        out = self._resampler.push(mono.clip(-1.0, 1.0))
        if len(frames) < _READ_FRAMES:
            self._decoded = True
            out = np.concatenate([out, self._resampler.flush()])
        return to_int16(out)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def check_recording(path: Path) -> int:
    """Return the length of a recording at 16 kHz, without decoding it all. Raises SourceError."""
    recording = Recording(path)
    recording.close()
    return recording.samples


def _open(path: Path) -> _Stream:
    """Return the file, opened, once it is sure that its end can be read."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
            cut = head == b"RIFF" and _is_cut_off(file, path.stat().st_size)
    except FileNotFoundError:
        raise SourceError(f"{path}: there is no such file; check the path") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); {_REMEDY}") from error
    if not head:
        raise SourceError(f"{path}: the file is empty; {_REMEDY}")
    if cut:
        raise _truncated(path)
    try:
        with sf.SoundFile(path) as sound:
            _check_sound(path, sound)
        return _Stream(path)
    except (sf.SoundFileError, TypeError) as error:  # TypeError: .raw, which says no format
        raise SourceError(f"{path}: not a sound file, or a damaged one; {_REMEDY}") from error


def _check_sound(path: Path, sound: sf.SoundFile) -> None:
    if sound.frames <= 0:
        raise SourceError(f"{path}: holds no sound at all; {_REMEDY}")
    if sound.samplerate not in _RATES:
        raise SourceError(f"{path}: a rate of {sound.samplerate} Hz; give one of 8 to 192 kHz")
    try:
        sound.seek(sound.frames - 1)
        last = sound.read(1)
    except sf.SoundFileError as error:
        raise _truncated(path) from error
    if not len(last):
        raise _truncated(path)


def _truncated(path: Path) -> SourceError:
    return SourceError(f"{path}: truncated, its end is missing; record or copy it again")


def _is_cut_off(file: BinaryIO, size_bytes: int) -> bool:
    """Tell whether a WAV file's data chunk promises more than the file holds.

    libsndfile would silently hear what is left, and the answer would be to half a question.
    file: positioned behind "RIFF". Layout: Multimedia Programming Interface 1.0, 1991.
    """
    at = 12
    while at + 8 <= size_bytes:
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"data":
            return bool(length < _UNKNOWN_SIZE and at + 8 + length > size_bytes)
        at += 8 + length + length % 2
    return True
