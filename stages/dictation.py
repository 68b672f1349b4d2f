"""The sound and the boundaries of one utterance in, its transcripts out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from bus.frames import (
    AudioChunk,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    Transcript,
)
from models.protocols import Hypothesis
from stages.partial_pacing import Pacing
from stages.stable_prefix import StablePrefix, first_words_agree
from stages.utterance import Utterance, level_db

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from config.stage_settings import Partials
    from models.protocols import Steps, Transcriber

Heard: TypeAlias = SpeechStarted | AudioChunk | SpeechPaused | SpeechResumed | SpeechEnded
State: TypeAlias = Literal["partial", "candidate", "final"]

HEARD: Final = (SpeechStarted, AudioChunk, SpeechPaused, SpeechResumed, SpeechEnded)
"""What capture sends of an utterance."""


class _Work:
    """A hypothesis in the making, step by step: what is broken off can be gone on with."""

    def __init__(self, steps: Steps[Hypothesis]) -> None:
        self._steps = steps

    def step(self) -> Hypothesis | None:
        """Do one step; return the hypothesis when it was the last."""
        try:
            next(self._steps)
        except StopIteration as end:
            hypothesis: Hypothesis = end.value
            return hypothesis
        return None


class Dictation:
    """Writes down one utterance while it is spoken, at each of its pauses, and at its end.

    What the end says is what the pause that it confirms said: the hypothesis of the sound up to
    that pause, with or without others before it.
    engine: returns the recogniser once there is something to write down.
    speculate: False: only the end is written down.
    """

    def __init__(
        self,
        engine: Callable[[], Transcriber],
        partials: Partials,
        *,
        session: str,
        turn: int,
        speculate: bool,
    ) -> None:
        self._engine = engine
        self._partials = partials
        self._session = session
        self._turn = turn
        self._speculate = speculate
        self._pacing = Pacing(partials)
        self._utterance = Utterance()
        self._prefix = StablePrefix()
        self._pauses: dict[int, int] = {}
        """Revision to the sample at which its pause was noticed."""
        self._revision = 0
        """The last guess at the end."""
        self._quiet = False
        """Nothing but boundaries is to be written down: in a pause, and after the end."""
        self._waiting: SpeechPaused | SpeechEnded | None = None
        """A boundary that is not written down yet. Its sound may still come: control frames
        overtake sound."""
        self._candidate: tuple[int, Hypothesis] | None = None
        """Revision and hypothesis of the last pause."""
        self._work: _Work | None = None
        self._last: Hypothesis | None = None
        self._transcripts = 0

    def take(self, frame: Heard) -> None:
        """Take notice of a frame; nothing is written down yet."""
        match frame:
            case AudioChunk():
                self._utterance.add(frame)
                self._pacing.heard(level_db(frame))
            case SpeechStarted():
                self._pacing.started(frame.sample)
            case SpeechPaused():
                self._revision = frame.revision
                self._pauses[frame.revision] = frame.sample
                self._quiet = True
                if self._speculate:
                    self._waiting, self._work = frame, None
            case SpeechResumed():
                self.wrong(frame.revision)
            case SpeechEnded():
                self._waiting, self._quiet = frame, True

    def wrong(self, revision: int) -> None:
        """Take notice that the utterance did not end with `revision`: more is being said."""
        if revision < self._revision or isinstance(self._waiting, SpeechEnded):
            return
        self._revision = revision
        self._waiting, self._quiet = None, False

    def sent(self, transcript: Transcript) -> bool:
        """Take notice of what a dead predecessor sent; return whether that was all."""
        self._transcripts = max(self._transcripts, transcript.index + 1)
        if transcript.state == "partial":
            return False
        self._candidate = (transcript.revision, _known(transcript))
        final = transcript.state == "final"
        waiting = self._waiting
        if waiting is not None and waiting.revision == transcript.revision:
            self._waiting = waiting if isinstance(waiting, SpeechEnded) and not final else None
        return final

    @property
    def is_waiting(self) -> bool:
        """A boundary can be written down: its sound is there."""
        waiting = self._waiting
        return waiting is not None and self._utterance.end_sample >= self._end_sample(waiting)

    @property
    def is_due(self) -> bool:
        """What was said so far is to be written down, or is being written down."""
        if self._quiet or not self._speculate:
            return False
        return self._work is not None or self._pacing.is_due(self._utterance.end_sample)

    def conclude(self) -> Iterator[Transcript | None]:
        """Write down the boundary that waits, if its sound is there; yields None between steps.

        What is broken off here, because the speaker goes on, is finished by `step`.
        """
        boundary = self._waiting
        if boundary is None or not self.is_waiting:
            return
        if self._candidate is None or self._candidate[0] != boundary.revision:
            work = self._work = self._begin(self._end_sample(boundary), hasty=False)
            while (hypothesis := work.step()) is None:
                yield None
            self._work, self._last = None, hypothesis
            self._candidate = (boundary.revision, hypothesis)
        self._waiting = None
        heard = self._candidate[1]
        if isinstance(boundary, SpeechEnded):
            yield self._transcript("final", boundary.revision, heard.text, heard)
        else:
            stable = self._prefix.add(heard.text)
            yield self._transcript("candidate", boundary.revision, stable, heard)

    def step(self) -> Transcript | None:
        """Do one step of writing down what was said so far; return a partial if that gives one."""
        if self._work is None:
            self._work = self._begin(self._utterance.end_sample, hasty=True)
        hypothesis = self._work.step()
        if hypothesis is None:
            return None
        last, self._last, self._work = self._last, hypothesis, None
        if not self._is_trusted(hypothesis, last):
            return None
        stable = self._prefix.add(hypothesis.text)
        return self._transcript("partial", self._revision + 1, stable, hypothesis)

    def _begin(self, end_sample: int, *, hasty: bool) -> _Work:
        samples = self._utterance.samples(end_sample)
        if hasty:
            self._pacing.worked(end_sample, len(samples))
        else:
            self._pacing.paused(end_sample)
        return _Work(self._engine().transcribe(samples, self._last, hasty=hasty))

    def _is_trusted(self, hypothesis: Hypothesis, last: Hypothesis | None) -> bool:
        """Return whether what is said so far may be shown: it stops an answer that is playing."""
        if hypothesis.log_probability >= self._partials.least_log_probability:
            return bool(hypothesis.text)
        return last is not None and first_words_agree(last.text, hypothesis.text)

    def _end_sample(self, boundary: SpeechPaused | SpeechEnded) -> int:
        """Return where the sound ends that a boundary is about."""
        return self._pauses.get(boundary.revision, boundary.sample)

    def _transcript(
        self, state: State, revision: int, stable_prefix: str, heard: Hypothesis
    ) -> Transcript:
        self._transcripts += 1
        return Transcript(
            session=self._session,
            turn=self._turn,
            revision=revision,
            index=self._transcripts - 1,
            text=heard.text,
            stable_prefix=stable_prefix,
            language=heard.language,
            emotion=heard.emotion,
            state=state,
        )


def _known(transcript: Transcript) -> Hypothesis:
    """Return the hypothesis behind a transcript, as far as it tells."""
    return Hypothesis(
        text=transcript.text,
        language=transcript.language,
        language_probability=1.0,
        log_probability=0.0,
        no_speech_probability=0.0,
        emotion=transcript.emotion,
    )
