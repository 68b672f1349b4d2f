from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]
from faster_whisper.feature_extractor import FeatureExtractor  # type: ignore[import-untyped]

from models.log_mel import FLOOR, log_mel
from models.protocols import Float32Array


@pytest.mark.parametrize("name", ["question_es", "timer_en", "dishes"])
def test_equals_an_independent_implementation(recordings: Path, name: str) -> None:
    """Unshifted frames are those of faster-whisper's own NumPy front end."""
    samples, _ = sf.read(recordings / f"{name}.wav", dtype="float32")
    padded = np.pad(samples, (0, 16_000))
    theirs = FeatureExtractor()(padded, padding=0)
    ours = log_mel(padded, 80, shifted=False)
    np.testing.assert_allclose(ours, theirs[:, : ours.shape[1]], atol=1e-4)


def test_does_not_hear_loudness(recordings: Path) -> None:
    """A recording 20 dB below another gives the same shifted frames."""
    samples, _ = sf.read(recordings / "question_es.wav", dtype="float32")
    quiet = (samples * np.float32(0.1)).astype(np.float32)
    np.testing.assert_allclose(log_mel(quiet, 80), log_mel(samples, 80), atol=2e-3)


@pytest.mark.parametrize("level", [0.0, 1e-5, 1e-3])
def test_silence_after_quiet_sound_is_cached_silence(level: float) -> None:
    """However quiet the sound, nothing lies below the floor and digital silence lies on it."""
    sound = np.zeros(16_000, np.float32)
    sound[:4_000] = level * np.sin(np.arange(4_000) * 0.3)
    frames = log_mel(sound, 80)
    assert frames.min() == np.float32(FLOOR)
    np.testing.assert_array_equal(frames[:, 40:], np.full((80, 60), FLOOR, np.float32))


def test_floor_is_the_cached_silences() -> None:
    """Silence after sound lies exactly on the floor that cached silence was made at."""
    sound = np.zeros(16_000, np.float32)
    sound[:4_000] = np.sin(np.arange(4_000) * 0.3)
    frames = log_mel(sound, 80)
    assert frames.shape == (80, 100)
    np.testing.assert_array_equal(frames[:, 40:], np.full((80, 60), FLOOR, np.float32))


@pytest.mark.parametrize("count", [0, 1, 159, 161])
def test_takes_any_length(count: int) -> None:
    """A frame is made for each 10 ms begun, even of a recording of no samples."""
    frames: Float32Array = log_mel(np.zeros(count, np.float32), 80)
    assert frames.shape == (80, -(-count // 160))
    assert np.isfinite(frames).all()
