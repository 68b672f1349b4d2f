"""A long recording in, pieces of at most a window's length out, cut where it is quietest."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.protocols import Float32Array

_FRAME_SAMPLES: Final = 800
"""50 ms at 16 kHz: shorter than a pause between words."""


def windows(samples: Float32Array, most_samples: int) -> list[Float32Array]:
    """Return pieces of `samples`, in order and without gaps, each of at most `most_samples`.

    Each cut lies in the middle of the quietest 150 ms in the last third of a window.
    """
    pieces = []
    while len(samples) > most_samples:
        cut = _quietest(samples, most_samples * 2 // 3, most_samples)
        pieces.append(samples[:cut])
        samples = samples[cut:]
    return [*pieces, samples]


def _quietest(samples: Float32Array, first: int, end: int) -> int:
    count = (end - first) // _FRAME_SAMPLES
    if count < 3:
        return end
    frames = samples[first : first + count * _FRAME_SAMPLES].reshape(count, _FRAME_SAMPLES)
    energy = np.convolve((frames**2).sum(axis=1), np.ones(3), mode="valid")
    return first + (int(energy.argmin()) + 1) * _FRAME_SAMPLES + _FRAME_SAMPLES // 2
