"""Sound in, log-mel frames out: Whisper's front end in NumPy.

The numerics are those of Whisper's reference implementation: periodic Hann window of 25 ms, a
frame each 10 ms, Slaney's mel scale with area-normalised triangles (as in librosa's
`filters.mel`), log10 with 80 dB of dynamic range. Only the last step differs: the floor is
shifted to a fixed value, which is a change of gain, so that cached silence fits every utterance.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from models.protocols import Float32Array

SAMPLE_RATE: Final = 16_000
WINDOW_SAMPLES: Final = 400
HOP_SAMPLES: Final = 160
DYNAMIC_RANGE: Final = 8.0
"""Powers of ten below the loudest bin at which the spectrum is cut off."""
FLOOR: Final = -0.8
"""Where the cut-off lies after the shift: that of a recording of usual loudness."""
LEAST_POWER: Final = 1e-10


def log_mel(samples: Float32Array, bands: int, *, shifted: bool = True) -> Float32Array:
    """Return the log-mel frames of `samples`, shape (bands, frames), float32.

    samples: shape (n,), float32, mono, 16 kHz; a frame for each HOP_SAMPLES begun.
    shifted: values lie in [FLOOR, FLOOR + 2]; otherwise where the reference has them.
    """
    logs = np.log10(np.maximum(mel_power(samples, bands), LEAST_POWER))
    least = max(float(logs.max(initial=-np.inf)) - DYNAMIC_RANGE, float(np.log10(LEAST_POWER)))
    floor = FLOOR if shifted else least / 4.0 + 1.0
    result: Float32Array = ((np.maximum(logs, least) - least) / 4.0 + floor).astype(np.float32)
    return result


def mel_power(samples: Float32Array, bands: int) -> Float32Array:
    """Return the mel power spectrum, shape (bands, frames), of `samples` followed by silence."""
    half = WINDOW_SAMPLES // 2
    frames = -(-len(samples) // HOP_SAMPLES)
    before = samples[1 : half + 1][::-1]
    padded = np.zeros(half + frames * HOP_SAMPLES + half, np.float32)
    padded[half - len(before) : half] = before
    padded[half : half + len(samples)] = samples
    windows = sliding_window_view(padded, WINDOW_SAMPLES)[: frames * HOP_SAMPLES : HOP_SAMPLES]
    spectrum = np.fft.rfft(windows * _hann(), axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    result: Float32Array = mel_filters(bands) @ power.T.astype(np.float32)
    return result


@lru_cache(maxsize=1)
def _hann() -> Float32Array:
    return np.hanning(WINDOW_SAMPLES + 1)[:-1].astype(np.float32)


@lru_cache(maxsize=2)
def mel_filters(bands: int) -> Float32Array:
    """Return the mel filter bank, shape (bands, WINDOW_SAMPLES // 2 + 1), float32."""
    bins_hz = np.fft.rfftfreq(WINDOW_SAMPLES, 1 / SAMPLE_RATE)
    edges_hz = _mel_to_hz(np.linspace(0.0, _hz_to_mel(SAMPLE_RATE / 2), bands + 2))
    rising = (bins_hz - edges_hz[:-2, None]) / np.diff(edges_hz)[:-1, None]
    falling = (edges_hz[2:, None] - bins_hz) / np.diff(edges_hz)[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    areas = 2.0 / (edges_hz[2:] - edges_hz[:-2])
    result: Float32Array = (triangles * areas[:, None]).astype(np.float32)
    return result


# Slaney's mel scale: linear below 1 kHz, logarithmic above (Auditory Toolbox, 1998).
_LINEAR_HZ: Final = 200.0 / 3
_BREAK_HZ: Final = 1000.0
_BREAK_MEL: Final = _BREAK_HZ / _LINEAR_HZ
_LOG_STEP: Final = np.log(6.4) / 27.0


def _hz_to_mel(frequency_hz: float) -> float:
    if frequency_hz < _BREAK_HZ:
        return frequency_hz / _LINEAR_HZ
    return float(_BREAK_MEL + np.log(frequency_hz / _BREAK_HZ) / _LOG_STEP)


def _mel_to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _BREAK_HZ * np.exp(_LOG_STEP * np.maximum(mels - _BREAK_MEL, 0.0))
    return np.where(mels < _BREAK_MEL, mels * _LINEAR_HZ, above)
