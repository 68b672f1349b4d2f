"""Float sound of any level in, int16 sound of one level out, without silence before or after.

One fixed gain for each voice and a limiter: no clause is scaled by its own peak, which would let
the level pump from clause to clause.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from models.protocols import Float32Array, Int16Array

SPEECH_RMS: Final = 0.1
"""Level of the loud half of speech, -20 dB below full scale: that of broadcast speech, roughly."""

_BLOCK_S: Final = 0.02
_LIMIT_FROM: Final = 0.7
"""Samples below this are left as they are; what is above is bent into the room up to 1."""
_QUIET: Final = 0.01
"""Below this (-20 dB under SPEECH_RMS) nothing is heard beside speech."""
_KEEP_BEFORE_S: Final = 0.015
_KEEP_AFTER_S: Final = 0.03
_PAUSES_S: Final = {".": 0.30, "!": 0.30, "?": 0.35, ":": 0.20, ";": 0.20, ",": 0.12}
_NO_PAUSE_S: Final = 0.04


def gain_for(samples: Float32Array, rate: int) -> float:
    """Return the gain that brings a voice to SPEECH_RMS, measured on a sentence of it.

    samples: shape (n,), float, mono, n > 0.
    """
    block = max(1, int(rate * _BLOCK_S))
    whole = samples[: max(block, samples.size // block * block)]
    power = np.sort(np.square(whole.astype(np.float64)).reshape(-1, min(block, whole.size)).mean(1))
    loud = float(np.sqrt(power[power.size // 2 :].mean()))
    return SPEECH_RMS / loud if loud > 0 else 1.0


def pause_after(text: str) -> float:
    """Return the seconds of silence that belong after `text`, by its last mark."""
    mark = text.rstrip(" \t\n\"')]»”")[-1:]
    return _PAUSES_S.get(mark, _NO_PAUSE_S)


class Finisher:
    """Levels the chunks of one clause, and trims its beginning and end."""

    def __init__(self, *, gain: float, rate: int, pause_s: float) -> None:
        self._gain = gain
        self._rate = rate
        self._pause_s = pause_s
        self._begun = False
        self._held = np.zeros(0, np.float32)
        self._tail = 0
        """Samples still wanted, counted from the first that was not returned."""

    def feed(self, samples: Float32Array, *, last: bool) -> Int16Array:
        """Return the sound that is ready: shape (m,), perhaps empty.

        samples: shape (n,). Silence at the end of a chunk waits until it is known whether
        sound follows.
        """
        sound = np.concatenate([self._held, samples * np.float32(self._gain)])
        if not self._begun:
            sound = self._without_beginning(sound)
        heard = np.flatnonzero(np.abs(sound) > _QUIET)
        if heard.size:
            self._tail = int(heard[-1]) + 1 + int(self._rate * _KEEP_AFTER_S)
        end = min(self._tail, sound.size)
        self._tail -= end
        self._held = sound[end:]
        if not last:
            return _to_int16(sound[:end])
        pause = np.zeros(int(self._rate * self._pause_s) if self._begun else 0, np.float32)
        return _to_int16(np.concatenate([_faded(sound[:end], self._rate), pause]))

    def _without_beginning(self, sound: Float32Array) -> Float32Array:
        heard = np.flatnonzero(np.abs(sound) > _QUIET)
        if not heard.size:
            return sound[sound.size :]
        self._begun = True
        return sound[max(0, int(heard[0]) - int(self._rate * _KEEP_BEFORE_S)) :]


def _faded(sound: Float32Array, rate: int) -> Float32Array:
    """Return `sound` with its last milliseconds faded out, so that a cut does not click."""
    length = min(sound.size, int(rate * _KEEP_AFTER_S / 2))
    faded = sound.copy()
    if length:
        faded[-length:] *= np.linspace(1.0, 0.0, length, dtype=np.float32)
    return faded


def _to_int16(sound: Float32Array) -> Int16Array:
    """Return `sound` bent below full scale, as int16."""
    size = np.abs(sound)
    over = np.maximum(size - _LIMIT_FROM, 0.0)
    room = 1.0 - _LIMIT_FROM
    limited = np.minimum(size, _LIMIT_FROM) + room * np.tanh(over / room)
    return np.rint(np.copysign(limited, sound) * 32_767.0).astype(np.int16)
