"""Sound in, its pitch and loudness each 20 ms out: autocorrelation in NumPy."""

from __future__ import annotations

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
_TRANSFORM: Final = 2 * _WINDOW_SAMPLES
_LEAST_LAG: Final = _RATE // 500
_MOST_LAG: Final = _RATE // 65
_LAG_COST: Final = 0.0008
"""Taken off a lag's strength for each sample of it: of two octaves the higher one is meant."""
_REFERENCE_HZ: Final = 55.0
_SILENT: Final = 1e-10


class Track(Struct, frozen=True):
    """What was found in each window, all (windows,), float32."""

    semitones: Float32Array
    """Above 55 Hz; means nothing where `strength` is low."""
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
    taper = np.hanning(_WINDOW_SAMPLES).astype(np.float32)
    level: Float32Array = windows.mean(axis=1, keepdims=True, dtype=np.float32)
    tapered = ((windows - level) * taper).astype(np.float32)
    own = _autocorrelation(tapered)
    energy = own[:, 0]
    of_taper = _autocorrelation(taper[None])[0]
    likeness = own / (energy[:, None] + _SILENT) * (of_taper[0] / of_taper)
    lags, strength = _best_lags(likeness[:, _LEAST_LAG : _MOST_LAG + 1])
    semitones = 12 * np.log2(_RATE / lags / _REFERENCE_HZ)
    level_db = 10 * np.log10(energy / _WINDOW_SAMPLES + _SILENT)
    return Track(*(each.astype(np.float32) for each in (semitones, strength, level_db)))


def _autocorrelation(windows: Float32Array) -> Float32Array:
    """Return that of each row at lags 0 to _MOST_LAG."""
    spectrum = np.fft.rfft(windows, _TRANSFORM, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return np.fft.irfft(power, _TRANSFORM, axis=1)[:, : _MOST_LAG + 1].astype(np.float32)


def _best_lags(likeness: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Return each row's best lag, between samples by a parabola, and its strength."""
    lags = np.arange(_LEAST_LAG, _MOST_LAG + 1)
    best = (likeness - _LAG_COST * lags)[:, 1:-1].argmax(axis=1) + 1
    rows = np.arange(len(best))
    before, here, after = (likeness[rows, best + step] for step in (-1, 0, 1))
    bend = before - 2 * here + after
    shift = np.where(bend < 0, 0.5 * (before - after) / np.minimum(bend, -_SILENT), 0.0)
    return lags[best] + np.clip(shift, -1, 1), here
