"""An utterance in, how it was said out: numbers for its melody, stress, rhythm and timbre.

All are differences or shares, so that a microphone's gain changes none of them; only the height
of the voice is its own. What they are follows the groups of eGeMAPS (F. Eyben and others, 2016).
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.emotion.pitch import HOP_MS, SPEECH_DB, Track, track
from models.log_mel import SAMPLE_RATE
from models.protocols import Float32Array

Mask: TypeAlias = NDArray[np.bool_]

MOST_SAMPLES: Final = 10 * SAMPLE_RATE
"""Of a longer utterance its end is listened to: a feeling shows in any ten seconds of it."""
CEPSTRA: Final = 14
NUMBERS: Final = 28 + 3 * CEPSTRA - 1

_VOICED: Final = 0.5
"""Least strength of a pitch."""
_MOST_JUMP: Final = 4.0
_MOST_REACH: Final = 14.0
"""Semitones from one window to the next, and from the median: beyond, the pitch is a mistake."""
_UNKNOWN_SEMITONES: Final = 19.0
"""165 Hz, between men's and women's voices: where nothing was voiced."""
_SYLLABLE_DB: Final = 2.0
"""How far the loudness rises to a syllable's peak at least."""


def prosody(samples: Float32Array, speech: Float32Array) -> Float32Array:
    """Return NUMBERS numbers, float32, all finite.

    samples: shape (n,), float32 in [-1, 1], mono, 16 kHz, with any silence around the words.
    speech: (bands, frames), those log-mel frames of the same sound that hold speech.
    """
    found = _spoken(track(samples[-MOST_SAMPLES:]))
    voiced = found.strength > _VOICED
    voiced &= found.level_db > found.level_db.max() - SPEECH_DB
    numbers = [
        *_melody(found, voiced),
        *_stress(found),
        *_rhythm(found, voiced),
        *_timbre(speech),
    ]
    return np.nan_to_num(np.array(numbers, np.float32))


def speech_frames(mel: Float32Array) -> Mask:
    """Return which frames of `mel`, shape (bands, frames), hold speech; at least one does."""
    level_db = 10 * np.log10(np.mean(10.0 ** (4 * mel), axis=0))
    loud: Mask = level_db >= np.percentile(level_db, 95) - SPEECH_DB
    return loud


def _spoken(found: Track) -> Track:
    """Leave out what lies before the first and behind the last word."""
    loud = np.flatnonzero(found.level_db >= np.percentile(found.level_db, 95) - SPEECH_DB)
    part = slice(loud[0], loud[-1] + 1)
    return Track(found.semitones[part], found.strength[part], found.level_db[part])


def _melody(found: Track, voiced: Mask) -> list[float]:
    """Return 9 numbers: height, spread, direction and unsteadiness of the pitch."""
    pitch = found.semitones[voiced]
    if len(pitch) < 3:
        pitch = np.full(3, _UNKNOWN_SEMITONES, np.float32)
    pitch = pitch[np.abs(pitch - np.median(pitch)) < _MOST_REACH]
    steps = np.abs(np.diff(found.semitones))[voiced[1:] & voiced[:-1]]
    steps = steps[steps < _MOST_JUMP]
    return [
        float(np.median(pitch)),
        float(pitch.std()),
        *_spread(pitch),
        _slope(pitch),
        _slope(pitch[len(pitch) // 2 :]),
        float(steps.mean()) if len(steps) else 0.0,
    ]


def _stress(found: Track) -> list[float]:
    """Return 10 numbers: how much the loudness varies, and when."""
    level_db = found.level_db
    loud = level_db[level_db > level_db.max() - SPEECH_DB]
    steps = np.abs(np.diff(level_db, append=level_db[-1]))
    return [
        float(loud.std()),
        *_spread(loud),
        float(loud.max() - loud.mean()),
        float(steps.mean()),
        float(steps.std()),
        _slope(level_db),
        len(loud) / len(level_db),
    ]


def _rhythm(found: Track, voiced: Mask) -> list[float]:
    """Return 9 numbers: syllables, voiced stretches, breathiness."""
    seconds = max(0.3, len(voiced) * HOP_MS / 1000)
    stretches, gaps = _runs(voiced), _runs(~voiced)
    strength = found.strength[voiced] if voiced.any() else np.zeros(1, np.float32)
    return [
        _syllables(found.level_db) / seconds,
        float(voiced.mean()),
        *map(float, np.percentile(strength, [25, 50, 75])),
        len(stretches) / seconds,
        float(stretches.mean()) if len(stretches) else 0.0,
        float(stretches.std()) if len(stretches) else 0.0,
        float(gaps.mean()) if len(gaps) else 0.0,
    ]


def _timbre(speech: Float32Array) -> list[float]:
    """Return 3 * CEPSTRA - 1 numbers: mean, spread and movement of the cepstrum of speech."""
    logs = 4 * speech
    bands = len(speech)
    orders = np.arange(CEPSTRA)[:, None]
    waves = np.cos(np.pi / bands * (np.arange(bands) + 0.5) * orders) * np.sqrt(2 / bands)
    cepstra = waves @ logs
    moves = np.abs(np.diff(cepstra, axis=1, append=cepstra[:, -1:]))
    # The mean of order 0 is the gain of the microphone.
    return [*cepstra[1:].mean(axis=1), *cepstra.std(axis=1), *moves.mean(axis=1)]


def _spread(values: Float32Array) -> tuple[float, float, float, float]:
    least, low, middle, high, most = map(float, np.percentile(values, [10, 25, 50, 75, 90]))
    return most - least, high - low, most - middle, middle - least


def _slope(values: Float32Array) -> float:
    """Return how much `values` rise from beginning to end, by least squares."""
    if len(values) < 3:
        return 0.0
    place = np.linspace(-0.5, 0.5, len(values))
    return float(place @ (values - values.mean()) / (place @ place))


def _runs(mask: Mask) -> Float32Array:
    """Return the lengths, in windows, of the stretches where `mask` holds."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    lengths: Float32Array = (edges[1::2] - edges[::2]).astype(np.float32)
    return lengths


def _syllables(level_db: Float32Array) -> int:
    """Return how many peaks the smoothed loudness has that rise _SYLLABLE_DB within 120 ms."""
    taper = np.hanning(7)
    smooth = np.convolve(level_db, taper / taper.sum(), "same")
    if len(smooth) < 13:
        return 1
    near = np.lib.stride_tricks.sliding_window_view(smooth, 5)[4:-4]
    wide = np.lib.stride_tricks.sliding_window_view(smooth, 13)
    here = smooth[6:-6]
    peaks = (here == near.max(axis=1)) & (here - wide.min(axis=1) > _SYLLABLE_DB)
    return int(np.sum(peaks & (here > smooth.max() - 22)))
