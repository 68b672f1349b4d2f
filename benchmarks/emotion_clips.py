"""Labelled recordings in, what the emotion head takes out: clean, and as a room spoils them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import soundfile as sf  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]
from msgspec import Struct

from benchmarks.speech_clips import RATE
from config.emotions import HEARD, NEUTRAL
from config.settings import Settings
from models.emotion.features import PROSODY, SHARES, STATES, head_inputs
from models.protocols import Float32Array
from models.store import ModelStore
from models.transcribers import prepare_whisper
from models.whisper import WhisperTranscriber
from models.whisper_passes import Impression

LABELLED: Final = "emotion_emodb_de"
VARIANTS: Final = 7
SPOILT: Final = 5
"""Of each labelled clip: itself, from 1 on as a room or a microphone spoils it, and from SPOILT on
as a higher and a lower voice would say it, which stands for speakers that are not there."""
_OTHER_NAMES: Final = {"happiness": "joy"}
_LONGEST_SAMPLES: Final = 10 * RATE
_BEFORE_SAMPLES: Final = 300 * RATE // 1000
_BEHIND_SAMPLES: Final = 120 * RATE // 1000
"""What capture hears around the words."""


class Labelled(Struct, frozen=True):
    """One recording."""

    path: Path
    speaker: str
    language: str
    label: int
    """Index within `HEARD`; read speech counts as neutral."""

    def samples(self) -> Float32Array:
        """Return float32 samples in [-1, 1], mono, 16 kHz, silence around them."""
        samples, rate = sf.read(self.path, dtype="float32")
        if rate != RATE or samples.ndim != 1:
            raise ValueError(f"{self.path}: not 16 kHz mono")
        return np.pad(samples[:_LONGEST_SAMPLES], (_BEFORE_SAMPLES, _BEHIND_SAMPLES))


def clips(folder: Path) -> list[Labelled]:
    """Return the clips of one set, in the order of its manifest."""
    rows = [
        msgspec.json.decode(line, type=dict[str, Any])
        for line in (folder / "manifest.jsonl").read_bytes().splitlines()
    ]
    names = [row.get("emotion") or NEUTRAL for row in rows]
    return [
        Labelled(folder / row["file"], str(row["speaker"]), row["lang"][:2], HEARD.index(label))
        for row, label in zip(rows, (_OTHER_NAMES.get(name, name) for name in names), strict=True)
    ]


class Ear:
    """Computes features with the configured encoder, as the daemon does."""

    def __init__(
        self, settings: Settings, store: ModelStore, noises: Sequence[Float32Array]
    ) -> None:
        folder = prepare_whisper(settings.encoder.model, store)
        self._whisper = WhisperTranscriber(folder, settings.encoder, settings.daemon.languages)
        self._silence = settings.encoder.silence_positions
        self._noises = noises

    def listen(self, samples: Float32Array) -> Impression:
        """Return what the encoder makes of a sound."""
        return self._whisper.listen(samples, self._silence)

    def inputs(self, samples: Float32Array) -> dict[str, Float32Array]:
        """Return the inputs of the head's graph."""
        heard = self.listen(samples)
        return head_inputs(samples, heard.mel, heard.middle)

    def features(self, all_clips: Sequence[Labelled], variants: int = 1) -> Float32Array:
        """Return (clips, variants, width + prosody), float32; variant 0 is the clip itself."""
        return np.stack([np.stack(list(self._variants(clip, variants))) for clip in all_clips])

    def _variants(self, clip: Labelled, count: int) -> Iterator[Float32Array]:
        samples = clip.samples()
        for variant in range(count):
            draw = np.random.default_rng([variant, *clip.path.name.encode()])
            sound = self._spoilt(samples, variant, draw) if variant else samples
            fed = self.inputs(sound)
            yield np.concatenate([(fed[SHARES] @ fed[STATES])[0], fed[PROSODY][0]])

    def _spoilt(
        self, samples: Float32Array, variant: int, draw: np.random.Generator
    ) -> Float32Array:
        """Return the sound with noise (1), noise and a cheap microphone (2, 3), that alone (4).

        From SPOILT on: faster and higher (5), slower and lower (6).
        """
        if variant >= SPOILT:
            length = draw.uniform(0.86, 0.95) if variant == SPOILT else draw.uniform(1.05, 1.16)
            return np.asarray(soxr.resample(samples, RATE, RATE * length), np.float32)
        if variant <= 3:
            noise = self._noises[int(draw.integers(len(self._noises)))]
            start = draw.integers(max(1, len(noise) - len(samples)))
            noise = np.resize(noise[start : start + len(samples)], len(samples))
            snr_db = draw.uniform(10, 20)
            loud = np.sort(samples**2)[-len(samples) // 2 :].mean()
            ratio = loud / (np.mean(noise**2) + 1e-12) * 10 ** (-snr_db / 10)
            samples = np.asarray(samples + ratio**0.5 * noise, np.float32)
        if variant >= 2:
            samples = _band(samples, draw.uniform(60, 250), draw.uniform(3400, 7500))
        gain = np.float32(10 ** (draw.uniform(-20, 6) / 20))
        return np.asarray(np.clip(samples * gain, -1, 1), np.float32)


def noises(data: Path) -> list[Float32Array]:
    """Return the sounds without words below `data`."""
    paths = sorted((data / "noise_music").glob("*.flac"))
    return [sf.read(path, dtype="float32")[0] for path in paths]


def _band(samples: Float32Array, low_hz: float, high_hz: float) -> Float32Array:
    """Return what a microphone with that band leaves: second-order Butterworth's magnitude."""
    spectrum = np.fft.rfft(samples)
    with np.errstate(divide="ignore"):
        hz = np.fft.rfftfreq(len(samples), 1 / RATE)
        gain = 1 / np.sqrt((1 + (hz / high_hz) ** 4) * (1 + (low_hz / hz) ** 4))
    return np.asarray(np.fft.irfft(spectrum * gain, len(samples)), np.float32)
