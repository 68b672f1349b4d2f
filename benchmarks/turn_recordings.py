"""The marked recordings of `turn_recordings.json` in, streams of questions in a room out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import soundfile as sf  # type: ignore[import-untyped]
from msgspec import Struct

from benchmarks.room_tone import room_tone
from benchmarks.scenes import WrongRecording
from models.protocols import Float32Array

RATE: Final = 16_000
MARKS: Final = Path(__file__).with_name("turn_recordings.json")
_SHIPPED: Final = Path(__file__).resolve().parent.parent / "tests" / "recordings"
_PER_MS: Final = RATE // 1000
_BLEND: Final = 20 * _PER_MS
_BEFORE_MS: Final = 800
_LEAD_MS, _TAIL_MS = 300, 400
"""How much of a recording is kept around its words; the rest of its room is made of its tone."""


class Marks(Struct, frozen=True):
    """One recording, and where its words begin and end."""

    file: str
    """Below the data folder as SET/FILE, or a file of tests/recordings."""
    sha256: str
    language: str
    text: str
    start_ms: int
    """Beginning of the first word."""
    end_ms: int
    """End of the last word."""


class Question(Struct, frozen=True):
    """One recording's place in a stream."""

    marks: Marks
    start_s: float
    """First word's beginning, on the stream's time line."""
    end_s: float
    """Last word's end."""


class Stream(Struct, frozen=True):
    """A room in which questions are asked, one after the other."""

    samples: Float32Array
    """[-1, 1], mono, 16 kHz."""
    questions: tuple[Question, ...]

    def write(self, path: Path) -> Path:
        """Write it as 16-bit WAV and return `path`."""
        sf.write(path, self.samples, RATE, "PCM_16")
        return path


def read_marks() -> list[Marks]:
    """Return the marks of all recordings, in the file's order."""
    return msgspec.json.decode(MARKS.read_bytes(), type=list[Marks])


def find_file(name: str, data: Path) -> Path:
    """Return the path of a recording: shipped, or of a set below `data`."""
    return data / name if "/" in name else _SHIPPED / name


def load(marks: Marks, data: Path) -> Float32Array:
    """Return a recording's samples. Raises WrongRecording where it is missing or another one."""
    path = find_file(marks.file, data)
    if not path.is_file():
        raise WrongRecording(f"{path}: not there; name the folder of recordings with --data")
    if hashlib.sha256(path.read_bytes()).hexdigest() != marks.sha256:
        raise WrongRecording(f"{path}: another file than the one that was marked")
    samples, _ = sf.read(path, dtype="float32")
    return np.asarray(samples, np.float32)


def compose(
    marks: Sequence[Marks], data: Path, slot_s: float, first_slot_s: float | None = None
) -> Stream:
    """Put recordings into one room, so that an answer may be heard for `slot_s` after each.

    first_slot_s: the same for the first one alone.
    Each recording is surrounded by its own room tone, for a source that falls silent at once
    when its file is over would tell an end that no room tells. Raises WrongRecording.
    """
    parts: list[Float32Array] = []
    questions = []
    at = 0
    for place, each in enumerate(marks):
        room_s = first_slot_s if first_slot_s and not place else slot_s
        scene, words_at = _scene(each, load(each, data), room_s, place)
        parts.append(scene)
        start_s = (at + words_at) / RATE
        length_s = (each.end_ms - each.start_ms) / 1000
        questions.append(Question(each, start_s, start_s + length_s))
        at += len(scene)
    return Stream(np.clip(np.concatenate(parts), -1, 1), tuple(questions))


def _scene(
    marks: Marks, sound: Float32Array, slot_s: float, place: int
) -> tuple[Float32Array, int]:
    """Return a recording in its room, and at which sample of that its words begin."""
    begin = max(0, (marks.start_ms - _LEAD_MS) * _PER_MS)
    end = min(len(sound), (marks.end_ms + _TAIL_MS) * _PER_MS)
    before = room_tone(sound, _BEFORE_MS * _PER_MS, seed=2 * place)
    after_samples = int(slot_s * RATE) + marks.end_ms * _PER_MS - end
    after = room_tone(sound, after_samples, seed=2 * place + 1)
    scene = _joined(_joined(before, sound[begin:end]), after)
    return scene, len(before) - _BLEND + marks.start_ms * _PER_MS - begin


def _joined(first: Float32Array, second: Float32Array) -> Float32Array:
    """Return one sound behind the other, blended over 20 ms."""
    fade = np.linspace(0, 1, _BLEND, dtype=np.float32)
    blend = first[-_BLEND:] * (1 - fade) + second[:_BLEND] * fade
    return np.concatenate([first[:-_BLEND], blend, second[_BLEND:]])
