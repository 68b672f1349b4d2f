"""Endpointing: speech probabilities and levels in, the boundaries of utterances out."""

from __future__ import annotations

from collections import deque
from typing import Final, Literal, NamedTuple, TypeAlias

from bus.frames import SAMPLE_RATE
from config.settings import Endpointing, VoiceActivity
from stages.speech_end import LevelTrail

EndReason: TypeAlias = Literal["silence", "maximum", "source_ended", "model"]


class Activity(NamedTuple):
    """What is known of one piece of sound."""

    first_sample: int
    """On the capture clock."""
    samples: int
    """A multiple of LEVEL_SAMPLES."""
    probability: float
    """0 to 1: someone speaks."""
    levels_db: tuple[float, ...]
    """One level for each LEVEL_SAMPLES, in dB of full scale."""


class Started(NamedTuple):
    """An utterance has begun."""

    sample: int
    """Where its first sound was found; up to `start_ms` and some before now."""


class Paused(NamedTuple):
    """Revision `revision` guesses that the utterance ends here."""

    sample: int
    """Now."""
    speech_end_sample: int
    """End of the last word."""
    revision: int
    """1 for the first guess."""


class Resumed(NamedTuple):
    """The speaker goes on: revision `revision` was wrong."""

    sample: int
    revision: int


class Ended(NamedTuple):
    """The utterance is over; `revision` was right. A Paused of that revision came before."""

    sample: int
    speech_end_sample: int
    revision: int
    reason: EndReason


Boundary: TypeAlias = Started | Paused | Resumed | Ended

_STEADY_MS: Final = 60
"""No pause is believed before the detector was silent for two of its frames."""

_EVIDENCE_WINDOWS: Final = 2.5
"""Speech of `start_ms` must fall into so many times `start_ms`: a plosive splits a short word."""


class Endpointer:
    """Finds where utterances begin, pause, go on and end. Holds no clock, socket or thread.

    All times are samples of the capture clock that comes with what is fed. Silence is measured
    from the end of the last word as `speech_end` finds it, not from where the detector let go.
    """

    def __init__(self, settings: Endpointing, vad: VoiceActivity) -> None:
        self._start_samples = _samples(settings.start_ms)
        self._pause_samples = _samples(settings.pause_ms)
        self._end_samples = _samples(settings.end_ms)
        self._longest_samples = settings.longest_s * SAMPLE_RATE
        self._start_probability = vad.start_probability
        self._stop_probability = vad.stop_probability
        self._trail = LevelTrail()
        self._evidence: deque[Activity] = deque()
        self._now = 0
        self._began: int | None = None
        self._voiced_end = 0
        self._guess: int | None = None
        self._revision = 0

    @property
    def reach_samples(self) -> int:
        """How far before now a Started may lie, at most."""
        return int(_EVIDENCE_WINDOWS * self._start_samples)

    @property
    def speaking(self) -> bool:
        """An utterance is open, paused or not."""
        return self._began is not None

    def reset(self) -> None:
        """Forget an open utterance and all evidence of one; the clock goes on."""
        self._evidence.clear()
        self._began = self._guess = None

    def feed(self, activity: Activity) -> list[Boundary]:
        """Take the next piece of sound; return what it decides, in order."""
        self._now = activity.first_sample + activity.samples
        self._trail.add(activity.first_sample, activity.levels_db)
        self._gather(activity)
        if self._began is None:
            return self._listen()
        found = self._follow(activity) if self._guess is None else self._wait(self._guess)
        if self._began is not None and self._now - self._began >= self._longest_samples:
            found += self.finish("maximum")
        return found

    def finish(self, reason: EndReason) -> list[Boundary]:
        """End an open utterance here and now; return the boundaries, none if there was none."""
        if self._began is None:
            return []
        found: list[Boundary] = []
        if self._guess is None:
            self._guess = self._speech_end()
            found.append(self._paused(self._guess))
        found.append(Ended(self._now, self._guess, self._revision, reason))
        self.reset()
        return found

    def _gather(self, activity: Activity) -> None:
        """Keep the pieces with speech of the last moments."""
        if activity.probability >= self._start_probability:
            self._evidence.append(activity)
        oldest = self._now - self.reach_samples
        while self._evidence and self._evidence[0].first_sample < oldest:
            self._evidence.popleft()

    @property
    def _convinced(self) -> bool:
        return sum(piece.samples for piece in self._evidence) >= self._start_samples

    def _listen(self) -> list[Boundary]:
        if not self._convinced:
            return []
        self._began = self._evidence[0].first_sample
        self._voiced_end = self._now
        self._revision = 0
        return [Started(self._began)]

    def _follow(self, activity: Activity) -> list[Boundary]:
        """Speech until now: look for a pause."""
        if activity.probability >= self._stop_probability:
            self._voiced_end = self._now
        if self._now - self._voiced_end < _samples(_STEADY_MS):
            return []
        end = self._speech_end()
        if self._now - end < self._pause_samples:
            return []
        self._guess = end
        self._evidence.clear()
        return [self._paused(end)]

    def _wait(self, guess: int) -> list[Boundary]:
        """Silence until now: look for more speech, or for the end."""
        if self._convinced:
            self._guess = None
            self._voiced_end = self._now
            return [Resumed(self._now, self._revision)]
        if self._evidence or self._now - guess < self._end_samples:
            return []  # what may be the next word's first sound puts the end off
        return self.finish("silence")

    def _speech_end(self) -> int:
        began = self._now if self._began is None else self._began
        return max(began, self._trail.speech_end(self._voiced_end))

    def _paused(self, end: int) -> Paused:
        self._revision += 1
        return Paused(self._now, end, self._revision)


def _samples(duration_ms: int) -> int:
    return duration_ms * SAMPLE_RATE // 1000
