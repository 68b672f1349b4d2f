"""Sound heard and work done in, whether an unfinished utterance is to be written down out. Pure."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from config.stage_settings import Partials

_RATE: Final = 16_000
_PER_MS: Final = _RATE // 1_000

_BELOW_PEAK_DB: Final = 18.0
"""A level so far below the loudest of the last moments may be the beginning of a pause."""
_PEAK_CHUNKS: Final = 50
"""These last moments: one second."""
_MOST_WAIT_SAMPLES: Final = 240 * _PER_MS
"""So long a due hypothesis waits for loud sound; a pause is noticed well before."""


class Pacing:
    """Says when a partial hypothesis of one utterance is due. Times are samples of its clock.

    What a hypothesis costs is reckoned from the length of its sound, so that the same sound gives
    the same hypotheses on any machine. A due one waits for a loud moment: between words a pause
    may be about to be noticed, whose hypothesis must not wait for this one.
    """

    def __init__(self, settings: Partials) -> None:
        self._settings = settings
        self._began_sample: int | None = None
        self._due_sample = 0
        self._spent_ms = 0.0
        self._levels_db: deque[float] = deque(maxlen=_PEAK_CHUNKS)

    def started(self, sample: int) -> None:
        """Note that the utterance began at `sample`."""
        if self._began_sample is None:
            self._began_sample = sample
            self._due_sample = sample + self._settings.first_ms * _PER_MS

    def heard(self, level_db: float) -> None:
        """Note the level of the newest chunk of sound."""
        self._levels_db.append(level_db)

    def worked(self, end_sample: int, samples: int) -> None:
        """Note that a partial hypothesis of `samples`, up to `end_sample`, was begun."""
        settings = self._settings
        self._spent_ms += settings.cost_ms + settings.cost_ms_per_s * samples / _RATE
        earned_sample = (self._began_sample or 0) + int(self._spent_ms / settings.share) * _PER_MS
        self._due_sample = max(end_sample + settings.least_ms * _PER_MS, earned_sample)

    def paused(self, end_sample: int) -> None:
        """Note that a candidate was begun: if it is none, it serves as a partial, free of charge.

        Speech is full of dips; if each cost a share, long sentences would get no partials.
        """
        self._due_sample = max(self._due_sample, end_sample + self._settings.least_ms * _PER_MS)

    def is_due(self, end_sample: int) -> bool:
        """Return whether the sound up to `end_sample` is to be written down now."""
        if self._began_sample is None or end_sample < self._due_sample:
            return False
        return self._loud or end_sample >= self._due_sample + _MOST_WAIT_SAMPLES

    @property
    def _loud(self) -> bool:
        levels = self._levels_db
        return bool(levels) and levels[-1] >= max(levels) - _BELOW_PEAK_DB
