"""Endpointing: speech probabilities and levels in, the boundaries of utterances out."""

from __future__ import annotations

from collections import deque
from typing import Final

from bus.frames import SAMPLE_RATE
from config.stage_settings import Endpointing, VoiceActivity
from stages.boundaries import (
    Activity,
    Boundary,
    Ended,
    EndReason,
    Paused,
    Resumed,
    Started,
    TurnJudge,
)
from stages.dips import Dips
from stages.hangover import hangover_ms
from stages.speech_end import LevelTrail

_STEADY_MS: Final = 60
"""No pause is believed before the detector was silent for two of its frames."""

_EVIDENCE_WINDOWS: Final = 2.5
"""Speech of `start_ms` must fall into so many times `start_ms`: a plosive splits a short word."""

_LOUD_MS: Final = 30
"""Sound that ends a dip lasts so long; clicks are shorter."""

_STIR_LEAST_MS: Final = 20
_STIR_MOST_MS: Final = 120
"""A detector needs up to 100 ms to see a word that has begun; what it has not seen by then is
noise."""

_CUT_MS: Final = 25
"""A guess that cuts more of a word's last, soft sound is made again. With less missing the same
words are written down, and the guess is 130 ms ahead of the next one."""


class Guess:
    """The end of speech that is believed in for now."""

    def __init__(self, end: int, made_at: int, *, settled: bool) -> None:
        self.end = end
        self.made_at = made_at
        self.settled = settled
        """The detector has let go as well, so `end` is exact."""
        self.hangover: int | None = None
        """Samples of silence that end the utterance; None: the judge was not asked yet."""


class Endpointer:
    """Finds where utterances begin, pause, go on and end. Holds no clock, socket or thread.

    All times are samples of the capture clock that comes with what is fed. A guess is made at the
    first dip of the level, long before the detector lets go; when it does, the end of the last
    word is what `speech_end` finds, and silence is measured from there. How much silence ends the
    utterance is up to `judge`, which is asked once a guess; without one it is always the same.
    """

    def __init__(
        self, settings: Endpointing, vad: VoiceActivity, judge: TurnJudge | None = None
    ) -> None:
        self._patience = settings.styles[settings.style]
        self._judge = judge
        self._start_samples = _samples(settings.start_ms)
        self._dip_samples = _samples(settings.dip_ms)
        self._pause_samples = _samples(settings.pause_ms)
        self._judge_samples = _samples(settings.judge_ms)
        self._longest_samples = settings.longest_s * SAMPLE_RATE
        self._start_probability = vad.start_probability
        self._stop_probability = vad.stop_probability
        self._trail = LevelTrail()
        self._dips = Dips()
        self._evidence: deque[Activity] = deque()
        self._now = 0
        self._began: int | None = None
        self._voiced_end = 0
        self._guess: Guess | None = None
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
        """Take the next piece of sound; return what it decides, in order.

        Raises what the judge raises.
        """
        if activity.first_sample != self._now:
            self._dips.clear()
        self._now = activity.first_sample + activity.samples
        self._trail.add(activity.first_sample, activity.levels_db)
        self._dips.add(activity.levels_db)
        self._gather(activity)
        if self._began is None:
            return self._listen()
        if activity.probability >= self._stop_probability and not self._settled:
            self._voiced_end = self._now
        found = self._follow() if self._guess is None else self._wait(self._guess, self._began)
        if self._began is not None and self._now - self._began >= self._longest_samples:
            found += self.finish("maximum")
        return found

    def finish(self, reason: EndReason) -> list[Boundary]:
        """End an open utterance here and now; return the boundaries, none if there was none."""
        if self._began is None:
            return []
        found: list[Boundary] = []
        if self._guess is None:
            found.append(self._paused(self._speech_end(), settled=True))
        end = self._now if self._guess is None else self._guess.end
        found.append(Ended(self._now, end, self._revision, reason))
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

    @property
    def _settled(self) -> bool:
        return self._guess is not None and self._guess.settled

    @property
    def _stirs(self) -> bool:
        """Something has just become loud: the detector will say what it is."""
        return _samples(_STIR_LEAST_MS) <= self._dips.loud_samples <= _samples(_STIR_MOST_MS)

    @property
    def _detector_let_go(self) -> bool:
        return self._now - self._voiced_end >= _samples(_STEADY_MS)

    def _listen(self) -> list[Boundary]:
        if not self._convinced:
            return []
        self._began = self._evidence[0].first_sample
        self._voiced_end = self._now
        self._revision = 0
        return [Started(self._began)]

    def _follow(self) -> list[Boundary]:
        """Speech until now: look for a pause."""
        dips = self._dips.quiet_samples >= self._dip_samples
        if self._detector_let_go:
            end = self._speech_end()
            return [self._paused(end, settled=True)] if dips or self._is_pause(end) else []
        if dips:
            return [self._paused(self._now - self._dips.quiet_samples, settled=False)]
        return []

    def _is_pause(self, end: int) -> bool:
        return self._now - end >= self._pause_samples

    def _wait(self, guess: Guess, began: int) -> list[Boundary]:
        """Silence until now: look for more speech, or for the end."""
        if not guess.settled:
            found = self._settle(guess)
            if found or not guess.settled:
                return found
        if self._convinced:
            self._voiced_end = self._now
            return [self._resumed()]
        silence = self._now - guess.end
        if self._evidence or self._stirs or silence < self._judge_samples:
            return []  # what may be the next word's first sound puts the end off
        if guess.hangover is None:
            guess.hangover = self._hangover(began, guess.end)
        if silence < guess.hangover:
            return []
        sure = guess.hangover < _samples(self._patience.unsure_ms)
        return self.finish("model" if sure else "silence")

    def _settle(self, guess: Guess) -> list[Boundary]:
        """After a dip: it was one between two sounds of speech, or the detector lets go too."""
        sounding = bool(self._evidence) and self._evidence[-1].first_sample >= guess.made_at
        if sounding and self._dips.loud_samples >= _samples(_LOUD_MS):
            return [self._resumed()]
        if not self._detector_let_go:
            return []
        end = self._speech_end()
        self._evidence.clear()
        if end > guess.made_at + _samples(_CUT_MS):
            resumed = self._resumed()
            return [resumed, self._paused(end, settled=True)] if self._is_pause(end) else [resumed]
        guess.end = end
        guess.settled = True
        return []

    def _hangover(self, began: int, end: int) -> int:
        if self._judge is None:
            return _samples(self._patience.unsure_ms)
        probability = self._judge.probability(began, end, self._now)
        return _samples(hangover_ms(probability, self._patience))

    def _speech_end(self) -> int:
        began = self._now if self._began is None else self._began
        return max(began, self._trail.speech_end(self._voiced_end))

    def _paused(self, end: int, *, settled: bool) -> Paused:
        self._revision += 1
        self._guess = Guess(end, self._now, settled=settled)
        if settled:
            self._evidence.clear()
        return Paused(self._now, end, self._revision)

    def _resumed(self) -> Resumed:
        self._guess = None
        return Resumed(self._now, self._revision)


def _samples(duration_ms: int) -> int:
    return duration_ms * SAMPLE_RATE // 1000
