"""The end of the last word: levels of 10 ms in, the sample where speech fell into the noise out."""

from __future__ import annotations

from collections import deque
from itertools import islice
from statistics import median
from typing import Final

from bus.frames import SAMPLE_RATE

LEVEL_SAMPLES: Final = 160
"""Samples behind one level: 10 ms, about two periods of a low voice."""

QUIETEST_DB: Final = -100.0
"""Level of digital silence."""

_ABOVE_NOISE_DB: Final = 8.0
"""A word's last sound stands out of the noise behind it by more than the noise swings."""

_BELOW_PEAK_DB: Final = 36.0
"""What is this far below the loudest syllable is not heard: the room's decay, a breath."""

_BEFORE_MS: Final = 320
"""How far a detector may have gone on saying "speech" after the last word."""

_MASKED_BELOW_PEAK_DB: Final = 30.0
"""Noise nearer to the peak than this hides how a word ends; the detector then knows better."""

_LAG_MS: Final = 80
"""By how much a detector is usually late."""

_AFTER_MS: Final = 60
"""How early it may have stopped (a soft final s)."""

_PEAK_MS: Final = 1_500
"""The syllables that the last sound is compared with."""


class LevelTrail:
    """The levels of the last seconds, and where in them the last word ended.

    A detector's own end is late and unsteady (median 60 ms, 5 to 95 %: 20 to 120 ms for Silero);
    the level falls with the word.
    """

    def __init__(self) -> None:
        self._levels_db: deque[float] = deque(maxlen=(_PEAK_MS + 1_000) // 10)
        self._end_sample = 0

    def add(self, first_sample: int, levels_db: tuple[float, ...]) -> None:
        """Append the levels of a piece of sound; a gap before it clears the trail."""
        if first_sample != self._end_sample:
            self._levels_db.clear()
        self._levels_db.extend(levels_db)
        self._end_sample = first_sample + len(levels_db) * LEVEL_SAMPLES

    def speech_end(self, detected_sample: int) -> int:
        """Return the end of the last word, given where a detector last saw speech.

        The noise is measured behind `detected_sample`, so some sound must have come since.
        """
        per_ms = SAMPLE_RATE // 1000
        spoken = self._between(detected_sample - _PEAK_MS * per_ms, detected_sample)
        tail = self._between(detected_sample + LEVEL_SAMPLES, self._end_sample)
        if not spoken or not tail:
            return detected_sample
        peak_db = max(spoken)
        masked_db = median(tail) + _ABOVE_NOISE_DB
        audible_db = max(masked_db, peak_db - _BELOW_PEAK_DB)
        if masked_db > peak_db - _MASKED_BELOW_PEAK_DB:
            earliest = detected_sample - _LAG_MS * per_ms
        else:
            earliest = detected_sample - _BEFORE_MS * per_ms
        sample = min(detected_sample + _AFTER_MS * per_ms, self._end_sample)
        window = self._between(earliest, sample)
        for level, before in zip(reversed(window), reversed(window[:-1]), strict=False):
            # two in a row: a single one is a click
            if level >= audible_db and before >= audible_db:
                return sample
            sample -= LEVEL_SAMPLES
        return max(earliest, 0)

    def _between(self, first_sample: int, end_sample: int) -> list[float]:
        newest = len(self._levels_db)
        first = newest - (self._end_sample - first_sample) // LEVEL_SAMPLES
        end = newest - (self._end_sample - end_sample) // LEVEL_SAMPLES
        return list(islice(self._levels_db, max(0, first), max(0, end)))
