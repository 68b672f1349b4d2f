from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from models.emotion.pitch import track
from models.emotion.prosody import NUMBERS, prosody, speech_frames
from models.log_mel import log_mel
from models.protocols import Float32Array

RATE = 16_000


def _tone(hertz: float) -> Float32Array:
    time_s = np.arange(RATE) / RATE
    voice = sum(np.sin(2 * np.pi * order * hertz * time_s) / order for order in range(1, 8))
    return (0.1 * np.asarray(voice)).astype(np.float32)


def _said(samples: Float32Array) -> Float32Array:
    mel = log_mel(samples, 80)
    return prosody(samples, mel[:, speech_frames(mel)])


@pytest.mark.parametrize("hertz", [80.0, 131.0, 220.0, 393.0])
def test_pitch_of_a_voice_is_found(hertz: float) -> None:
    """A harmonic sound has its own pitch, to a tenth of a semitone, and no octave of it."""
    found = track(_tone(hertz))
    assert np.median(found.semitones) == pytest.approx(12 * np.log2(hertz / 55), abs=0.1)
    assert found.strength.min() > 0.9


def test_noise_has_no_pitch() -> None:
    """Hiss is not periodic."""
    hiss = np.random.default_rng(1).standard_normal(RATE).astype(np.float32)
    assert np.median(track(0.1 * hiss).strength) < 0.5


def test_gain_changes_nothing(recordings: Path) -> None:
    """A microphone 20 dB quieter gives the same numbers."""
    samples = np.asarray(sf.read(recordings / "question_es.wav", dtype="float32")[0], np.float32)
    np.testing.assert_allclose(
        _said(np.float32(0.1) * samples), _said(samples), rtol=0.02, atol=0.02
    )


def test_a_rising_voice_rises() -> None:
    """The slope of the pitch is in the numbers: a question sounds like one."""
    time_s = np.arange(RATE) / RATE
    phase = 2 * np.pi * np.cumsum(150 + 50 * time_s) / RATE
    rising = sum(np.sin(order * phase) / order for order in range(1, 8))
    numbers = _said((0.1 * np.asarray(rising)).astype(np.float32))
    assert numbers[6] == pytest.approx(12 * np.log2(200 / 150), abs=0.5)


@pytest.mark.parametrize("samples", [0, 100, 800, 3_000, 20 * RATE])
def test_any_sound_gives_finite_numbers(samples: int) -> None:
    """Silence, a click and a long hum do."""
    click = np.zeros(max(samples, 160), np.float32)
    click[:samples] = np.sin(np.arange(samples) / 20)
    numbers = _said(click)
    assert numbers.shape == (NUMBERS,)
    assert np.isfinite(numbers).all()
