"""Dips: levels of 10 ms in; how long speech has been quiet, and how long it is loud again, out."""

from __future__ import annotations

from collections import deque
from typing import Final

from stages.speech_end import LEVEL_SAMPLES

_BELOW_PEAK_DB: Final = 27.0
"""A level so far below the loudest syllable belongs to no vowel. Deeper, and a room's decay hides
the dip behind a last word; less deep, and unstressed syllables are dips."""

_LEAST_BELOW_PEAK_DB: Final = 16.0
"""In noise nearer to the peak than this there are no dips: the detector alone finds pauses."""

_ABOVE_NOISE_DB: Final = 7.0
"""What stands out of the noise by less is noise."""

_PEAK_LEVELS: Final = 150
"""1.5 s: the syllables that a level is compared with."""

_NOISE_PART_LEVELS: Final = 10
_NOISE_PARTS: Final = 50
"""The noise is that of the quietest 100 ms of the last 5 s (minimum statistics, Martin 2001)."""


class Dips:
    """Says for how long the newest sound has been below the level of speech, or above it.

    Levels fall with the word, some 60 ms before a detector lets go of it.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all levels: what follows does not continue them."""
        self._levels_db: deque[float] = deque(maxlen=_PEAK_LEVELS)
        self._noise_db: deque[float] = deque(maxlen=_NOISE_PARTS)
        self._part: list[float] = []
        self._quiet = self._loud = 0

    @property
    def quiet_samples(self) -> int:
        """How long it has been quiet; a single loud level, a click, does not count."""
        return self._quiet * LEVEL_SAMPLES

    @property
    def loud_samples(self) -> int:
        """How long it has been loud; 0 while it is quiet, and a single quiet level ends it."""
        return self._loud * LEVEL_SAMPLES

    def add(self, levels_db: tuple[float, ...]) -> None:
        """Take the levels of the next piece of sound."""
        for level_db in levels_db:
            self._levels_db.append(level_db)
            self._measure_noise(level_db)
            if level_db < self._audible_db():
                self._quiet += 1
                self._loud = 0
                continue
            self._loud += 1
            self._quiet = self._quiet + 1 if self._quiet and self._loud == 1 else 0

    def _measure_noise(self, level_db: float) -> None:
        self._part.append(level_db)
        if len(self._part) == _NOISE_PART_LEVELS:
            self._noise_db.append(sum(self._part) / _NOISE_PART_LEVELS)
            self._part.clear()

    def _audible_db(self) -> float:
        peak_db = max(self._levels_db)
        noise_db = min(self._noise_db, default=-200.0) + _ABOVE_NOISE_DB
        return min(max(noise_db, peak_db - _BELOW_PEAK_DB), peak_db - _LEAST_BELOW_PEAK_DB)
