"""Sound in, its pitch and loudness each 20 ms out: autocorrelation in NumPy."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.lib.stride_tricks import sliding_window_view

from models.protocols import Float32Array

HOP_MS: Final = 20
_RATE: Final = 8_000
"""Pitch is found at half of the input's rate: a quarter of the work, and all of the voice."""
_WINDOW_SAMPLES: Final = 320
_HOP_SAMPLES: Final = _RATE * HOP_MS // 1000
_TRANSFORM: Final = 480
"""At least a window and the longest lag, so that no lag wraps around."""
_LEAST_LAG: Final = _RATE // 500
_MOST_LAG: Final = _RATE // 65
_LAG_COST: Final = 0.0008
"""Taken off a lag's strength for each sample of it: of two octaves the higher one is meant."""
_REFERENCE_HZ: Final = 55.0
_SILENT: Final = 1e-10
SPEECH_DB: Final = 30.0
"""What is more than this below the loud parts is no speech; no pitch is looked for in it."""


class Track(Struct, frozen=True):
    """What was found in each window, all (windows,), float32."""

    semitones: Float32Array
    """Above 55 Hz; means nothing where `strength` is low, which is 0 where it is quiet."""
    strength: Float32Array
    """How periodic the sound is: 1 for a perfect period, about 0 for noise."""
    level_db: Float32Array


def track(samples: Float32Array) -> Track:
    """Return pitch and loudness of `samples`, shape (n,), float32, mono, 16 kHz.

    The autocorrelation of a window is divided by that of its taper, as P. Boersma does it
    ("Accurate short-term analysis of the fundamental frequency", 1993); no path is searched.
    """
    slow = samples[: len(samples) // 2 * 2].reshape(-1, 2).mean(axis=1)
    slow = np.pad(slow, (0, max(0, _WINDOW_SAMPLES - len(slow)))).astype(np.float32)
    windows = sliding_window_view(slow, _WINDOW_SAMPLES)[::_HOP_SAMPLES]
    taper, correction = _taper()
    offset: Float32Array = windows.mean(axis=1, keepdims=True, dtype=np.float32)
    tapered = (windows - offset) * taper
    energy = np.einsum("ij,ij->i", tapered, tapered)
    level_db = (10 * np.log10(energy / _WINDOW_SAMPLES + _SILENT)).astype(np.float32)
    loud = level_db >= np.percentile(level_db, 95) - SPEECH_DB
    likeness = _autocorrelation(tapered[loud]) / (energy[loud, None] + _SILENT) * correction
    lags, strength = _best_lags(likeness)
    found = Track(np.zeros_like(level_db), np.zeros_like(level_db), level_db)
    found.semitones[loud] = 12 * np.log2(_RATE / lags / _REFERENCE_HZ)
    found.strength[loud] = strength
    return found


@lru_cache(maxsize=1)
def _taper() -> tuple[Float32Array, Float32Array]:
    """Return the taper of a window, and what its own autocorrelation takes from each lag."""
    taper = np.hanning(_WINDOW_SAMPLES).astype(np.float32)
    own = _autocorrelation(taper[None])[0]
    return taper, np.float32(taper @ taper) / own


def _autocorrelation(windows: Float32Array) -> Float32Array:
    """Return that of each row at lags _LEAST_LAG to _MOST_LAG."""
    spectrum = np.fft.rfft(windows, _TRANSFORM, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return np.fft.irfft(power, _TRANSFORM, axis=1)[:, _LEAST_LAG : _MOST_LAG + 1].astype(np.float32)


def _best_lags(likeness: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Return each row's best lag, between samples by a parabola, and its strength."""
    lags = np.arange(_LEAST_LAG, _MOST_LAG + 1)
    best = (likeness - _LAG_COST * lags)[:, 1:-1].argmax(axis=1) + 1
    rows = np.arange(len(best))
    before, here, after = (likeness[rows, best + step] for step in (-1, 0, 1))
    bend = before - 2 * here + after
    shift = np.where(bend < 0, 0.5 * (before - after) / np.minimum(bend, -_SILENT), 0.0)
    return lags[best] + np.clip(shift, -1, 1), here
