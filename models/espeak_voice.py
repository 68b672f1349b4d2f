"""A clause in, espeak-ng's own robotic sound out: the voice of last resort of every language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from models import espeak
from models.loudness import Finisher, pause_after
from models.phoneme_runs import runs
from models.protocols import Int16Array

_GAIN: Final = 0.8
"""Brings espeak, measured in English, Spanish and German, to the level of the other voices."""
_FULL_SCALE: Final = np.float32(32_768)
_CHUNK_S: Final = 0.5
_LONGEST_RUN: Final = 300


class EspeakVoice:
    """espeak-ng in one language. Implements `models.protocols.Voice`.

    language: ISO 639-1 code. speed: 1 is espeak's normal rate.
    Raises EngineFailed where espeak does not know the language.
    """

    def __init__(self, language: str, *, speed: float) -> None:
        self._voice = espeak.VOICE_OF_LANGUAGE.get(language, language)
        self._speed = speed
        self.rate = espeak.sample_rate(self._voice)

    def speak(self, text: str, *, seed: int, pace: float = 1.0) -> Iterator[Int16Array | None]:
        """Yield the sound of `text` in chunks, None between steps; see `Voice`."""
        chunk = int(self.rate * _CHUNK_S)
        speed = self._speed * pace
        for run in runs(text, most=_LONGEST_RUN):
            sound, _ = espeak.synthesise(run, self._voice, speed=speed, seed=seed)
            yield None
            finisher = Finisher(gain=_GAIN, rate=self.rate, pause_s=pause_after(run))
            floats = sound.astype(np.float32) / _FULL_SCALE
            for start in range(0, floats.size, chunk):
                last = start + chunk >= floats.size
                yield finisher.feed(floats[start : start + chunk], last=last)
