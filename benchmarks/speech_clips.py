"""The folder of recordings in, labelled clips of speech and windows of noise out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import soundfile as sf  # type: ignore[import-untyped]
from msgspec import Struct

from models.protocols import Float32Array

RATE: Final = 16_000
LANGUAGES: Final = ("es", "en")
WINDOW_S: Final = 5


class Clip(Struct, frozen=True):
    """One recording of speech."""

    folder: str
    """Name of its set."""
    path: Path
    text: str | None
    """What is said; None: not known word by word."""
    language: str
    seconds: float

    def samples(self) -> Float32Array:
        """Return float32 samples in [-1, 1], mono, 16 kHz."""
        return _read(self.path)


class Window(Struct, frozen=True):
    """A stretch of sound without words."""

    kind: str
    name: str
    samples: Float32Array


def speech_clips(data: Path, limit: int | None) -> list[Clip]:
    """Return the Spanish and English clips below `data`, at most `limit` of each set."""
    clips = []
    manifests = [*data.glob("e[ns]_*/manifest.jsonl"), *data.glob("wakeword_*/manifest.jsonl")]
    for manifest in sorted(manifests):
        for row in _rows(manifest)[:limit]:
            language = str(row["lang"])[:2]
            path = manifest.parent / row["file"]
            seconds = float(row["duration_s"])
            clips.append(Clip(path.parent.name, path, row["text"], language, seconds))
    return clips


def noise_windows(data: Path) -> Iterator[Window]:
    """Yield windows of WINDOW_S seconds: noise, music, babble, and made-up near-silence."""
    length = WINDOW_S * RATE
    for row in _rows(data / "noise_music" / "manifest.jsonl"):
        samples = _read(data / "noise_music" / row["file"])
        for start in range(0, len(samples) - length + 1, length):
            name = f"{row['file']}@{start // RATE}s"
            yield Window(str(row["kind"]), name, samples[start : start + length])
    draw = np.random.default_rng(1)
    yield Window("silence", "zeros", np.zeros(length, np.float32))
    for level_db in (-80, -70, -60, -50, -40):
        hiss = draw.standard_normal(length) * 10 ** (level_db / 20)
        yield Window("silence", f"hiss {level_db} dBFS", hiss.astype(np.float32))


def _rows(manifest: Path) -> list[dict[str, Any]]:
    lines = manifest.read_bytes().splitlines()
    return [msgspec.json.decode(line, type=dict[str, Any]) for line in lines]


def _read(path: Path) -> Float32Array:
    samples, rate = sf.read(path, dtype="float32")
    if rate != RATE or samples.ndim != 1:
        raise ValueError(f"{path}: not 16 kHz mono")
    return np.asarray(samples, np.float32)
