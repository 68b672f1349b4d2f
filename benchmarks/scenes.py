"""Clips in, scenes out: the same clip in a room that is quiet before and after it, or noisy."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile as sf  # type: ignore[import-untyped]
from msgspec import Struct
from numpy.typing import NDArray

from bus.frames import SAMPLE_RATE
from models.protocols import Int16Array
from stages.resampling import to_int16

Sound = NDArray[np.float64]

BEFORE_SAMPLES: Final = 3 * SAMPLE_RATE
AFTER_SAMPLES: Final = 5 * SAMPLE_RATE // 2

LEVEL_SAMPLES: Final = 160
"""10 ms."""
_FLOOR_SAMPLES: Final = 3_200
_HEARD_BELOW_PEAK_DB: Final = 40.0
_HEARD_ABOVE_FLOOR_DB: Final = 10.0
_ROOM_BELOW_SPEECH_DB: Final = 40.0
_QUIETEST_ROOM_DB: Final = -75.0


class WrongRecording(Exception):
    """A recording, or a set of them, is not there, or is not the one that was marked."""


class Scene(Struct, frozen=True):
    """A clip with the room around it."""

    pcm: Int16Array
    """int16, 16 kHz: 3 s of room, the clip, 2.5 s of room."""
    first_sample: int
    """Reference: where the words begin, found by level in the clean clip."""
    end_sample: int
    """Reference: where the last word ends."""


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the manifest's rows of a set of recordings. Raises WrongRecording: there is none."""
    manifest = folder / "manifest.jsonl"
    if not manifest.is_file():
        raise WrongRecording(f"{manifest}: not there; name the folder of recordings with --data")
    for line in manifest.read_text().splitlines():
        yield json.loads(line)


def read(path: Path) -> Sound:
    """Return a 16 kHz mono recording in [-1, 1]."""
    sound, rate = sf.read(path)
    if rate != SAMPLE_RATE or sound.ndim != 1:
        raise ValueError(f"{path}: not 16 kHz mono")
    return np.asarray(sound)


def scene(path: Path, noise: Sound | None = None, below_speech_db: float = 0.0) -> Scene:
    """Put a recording into a room; see `staged`."""
    return staged(read(path), path.name, noise, below_speech_db)


def staged(
    clip: Sound, name: str, noise: Sound | None = None, below_speech_db: float = 0.0
) -> Scene:
    """Put a clip into a room whose noise is the clip's own, or `noise` added to that.

    The reference is taken from the clean clip: its first and last 10 ms that are within 40 dB of
    its loudest, and 10 dB above its own floor where it has one. That is fair on studio clips;
    on others a click of the mouse behind the last word counts as a word.
    """
    draw = np.random.default_rng(zlib.crc32(name.encode()))
    before = room(clip, BEFORE_SAMPLES, draw)
    sound = np.concatenate([before, clip, room(clip, AFTER_SAMPLES, draw)])
    if noise is not None:
        at = int(draw.integers(0, max(1, len(noise) - len(sound))))
        added = np.resize(noise[at:], len(sound))
        gain_db = speech_db(clip) - below_speech_db - _db(added.std())
        sound = sound + added * 10 ** (gain_db / 20)
    first, end = words(clip)
    pcm = to_int16(sound.astype(np.float32))
    return Scene(pcm, BEFORE_SAMPLES + first, BEFORE_SAMPLES + end)


def words(clip: Sound) -> tuple[int, int]:
    """Return where the words of a clip begin and end, in samples."""
    heard_db = levels(clip)
    peak, floor = float(heard_db.max()), float(np.percentile(heard_db, 5))
    heard = peak - _HEARD_BELOW_PEAK_DB
    if floor < peak - 25:  # else the clip is cut so closely that no floor is in it
        heard = max(heard, floor + _HEARD_ABOVE_FLOOR_DB)
    loud = np.flatnonzero(heard_db >= heard)
    return int(loud[0]) * LEVEL_SAMPLES, (int(loud[-1]) + 1) * LEVEL_SAMPLES


def room(clip: Sound, length: int, draw: np.random.Generator) -> Sound:
    """Return noise with the level and spectrum of the clip's quietest 200 ms.

    Where the clip has no pause to measure, a room 40 dB below the speech.
    """
    starts = range(0, max(1, len(clip) - _FLOOR_SAMPLES + 1), _FLOOR_SAMPLES // 4)
    quietest = min(starts, key=lambda at: float(clip[at : at + _FLOOR_SAMPLES].std()))
    floor = clip[quietest : quietest + _FLOOR_SAMPLES]
    most_db = speech_db(clip) - _ROOM_BELOW_SPEECH_DB
    level_db = max(min(_db(floor.std()), most_db), _QUIETEST_ROOM_DB)
    if _db(floor.std()) > level_db + 4:  # speech, not a floor: a dull hiss then
        floor = np.convolve(draw.standard_normal(_FLOOR_SAMPLES), np.ones(8) / 8, "same")
    spectrum = np.abs(np.fft.rfft(floor * np.hanning(len(floor)))) + 1e-9
    smooth = np.convolve(spectrum, np.ones(9) / 9, "same")
    places = np.linspace(0, 1, length // 2 + 1)
    shape = np.interp(places, np.linspace(0, 1, len(smooth)), smooth)
    noise = np.fft.irfft(shape * np.exp(2j * np.pi * draw.random(len(shape))), length)
    room: Sound = noise / noise.std() * 10 ** (level_db / 20)
    return room


def speech_db(clip: Sound) -> float:
    """Return the level of a clip's loud syllables, in dB of full scale."""
    return float(np.percentile(levels(clip), 80))


def levels(sound: Sound) -> Sound:
    """Return the level of each 10 ms, in dB of full scale."""
    parts = sound[: len(sound) // LEVEL_SAMPLES * LEVEL_SAMPLES].reshape(-1, LEVEL_SAMPLES)
    found: Sound = 10 * np.log10(parts.var(axis=1) + 1e-12)
    return found


def _db(deviation: float) -> float:
    return float(20 * np.log10(deviation + 1e-9))
