"""An utterance and what Whisper's middle made of it in, what the emotion head takes out."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.emotion.prosody import prosody, speech_frames
from models.protocols import Float32Array

STATES: Final = "states"
SHARES: Final = "shares"
PROSODY: Final = "prosody"
"""Inputs of the head's graph."""


def head_inputs(
    samples: Float32Array, mel: Float32Array, states: Float32Array
) -> dict[str, Float32Array]:
    """Return the head's inputs by name.

    samples: shape (n,), float32, mono, 16 kHz. mel: (bands, frames), its log-mel frames.
    states: (positions, width), the encoder's middle layer, 2 frames a position, silence behind
    the sound included.
    """
    frames = speech_frames(mel)
    positions = np.logical_or.reduce(np.pad(frames, (0, len(frames) % 2)).reshape(-1, 2), axis=1)
    heard = min(len(positions), len(states))
    shares = positions[:heard].astype(np.float32)[None]
    return {
        STATES: np.ascontiguousarray(states[:heard]),
        SHARES: shares / max(1.0, float(shares.sum())),
        PROSODY: prosody(samples, mel[:, frames])[None],
    }
