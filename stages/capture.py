"""Capture: sound of a room in, the sound and the boundaries of utterances out."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from bus.frames import (
    CHUNK_SAMPLES,
    SAMPLE_RATE,
    AnyFrame,
    AudioChunk,
    Cancel,
    Closed,
    Done,
    Order,
    Played,
    SourceEnded,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    TurnFrame,
)
from models.heap_trim import give_back
from stages.boundaries import Ended, Paused, Resumed, Started
from stages.endpointing import Endpointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.stage_settings import Capture as CaptureSettings
    from models.protocols import Int16Array
    from stages.boundaries import Boundary
    from stages.hearing import Hearing
    from stages.turn_judge import SoundJudge
    from stages.voice_activity import VoiceActivityDetector

_DEAF_TAIL_SAMPLES = 300 * SAMPLE_RATE // 1000
"""Half-duplex: a room goes on sounding this long after the loudspeaker has stopped."""

_REST_MS = 40.0
_REST_BLOCKS = 3
"""In silence, three blocks are heard at once: waking up costs more than listening. Not while an
answer is heard: who speaks over it must be noticed at once."""


class Capture:
    """Finds utterances in what a source hears, and sends their sound.

    hearing: opens the source when the capture clock starts, and paces it.
    next_turn: the first number that the hub has not seen.
    half_duplex: what is heard while the loudspeaker speaks is taken for silence.
    judge: tells from sound whether a speaker is done; None: silence alone ends an utterance.
    """

    def __init__(
        self,
        settings: CaptureSettings,
        hearing: Hearing,
        detector: VoiceActivityDetector,
        *,
        session: str,
        next_turn: int,
        half_duplex: bool,
        judge: SoundJudge | None = None,
    ) -> None:
        self._hearing = hearing
        self._detector = detector
        self._judge = judge
        self._endpointer = Endpointer(settings.endpointing, settings.vad, judge)
        self._session = session
        self._next_turn = next_turn
        self._turn = next_turn - 1 if hearing.turns is None else hearing.turns
        self._taken_up: set[int] = set()  # turns of a dead predecessor that are not closed
        self._half_duplex = half_duplex
        self._deaf_until_sample = 0
        self._preroll_samples = settings.endpointing.preroll_ms * SAMPLE_RATE // 1000
        kept_samples = self._preroll_samples + self._endpointer.reach_samples
        self._past: deque[tuple[int, Int16Array]] = deque(maxlen=kept_samples // CHUNK_SAMPLES + 2)
        self._speaking = False
        self._answering = False
        self._source_ended_said = False

    def open(self) -> None:
        """Check the source: a file that cannot be heard is refused at once."""
        self._hearing.check()

    def resume(self, inputs: Sequence[AnyFrame], sent: Sequence[AnyFrame]) -> None:
        """Take up a turn that is not closed.

        Its sound is heard again where that is possible, and is then not sent again: it bears
        the names that it had. What a microphone missed is gone; the hub asks to repeat it.
        """
        for frame in inputs:
            if isinstance(frame, Played) and frame.last:
                self._hearing.answer_ended(frame.clock_sample)
        for frame in sent:
            if isinstance(frame, SpeechStarted):
                self._taken_up.add(frame.turn)
            elif isinstance(frame, SpeechEnded) and frame.turn <= self._turn:
                self._hearing.turn_opened(frame.turn)
                self._hearing.turn_ended(frame.turn)

    def handle(self, frame: AnyFrame) -> Iterator[AnyFrame | None]:
        """Take reports of what was played and of turns that are over."""
        match frame:
            case Played():
                if self._half_duplex:
                    # max: a turn cancelled before it was heard reports sample 0
                    deaf_until_sample = frame.clock_sample + _DEAF_TAIL_SAMPLES
                    self._deaf_until_sample = max(self._deaf_until_sample, deaf_until_sample)
                self._answering = not frame.last
                if frame.last:
                    self._hearing.answer_ended(frame.clock_sample)
                    yield _done(frame)
            case Cancel(whole_turn=True):
                yield _done(frame)
            case Closed():
                self._answering = False
                self._taken_up.discard(frame.turn)
                self._hearing.turn_closed(frame.turn)
                give_back()  # 10 MB behind a judge's pass
            case _:
                return

    def idle(self) -> Iterator[AnyFrame | None]:
        """Hear the next 20 ms, if they are there; in silence, what has come behind them too."""
        for _ in range(_REST_BLOCKS):
            yield from self._hear()
            if not self._is_quiet or self._hearing.due_ms() != 0.0:
                return

    def due_ms(self) -> float | None:
        """Return how long until the next 20 ms are there."""
        due_ms = self._hearing.due_ms()
        return due_ms + _REST_MS if due_ms and self._is_quiet else due_ms

    def obey(self, order: Order) -> None:
        """Start: the capture clock begins to run."""
        if order.kind == "start":
            self._hearing.start(order.clock_ns)

    def close(self) -> None:
        """Let go of the source."""
        self._hearing.close()

    @property
    def _is_quiet(self) -> bool:
        return not (self._speaking or self._detector.open or self._answering)

    def _hear(self) -> Iterator[AnyFrame]:
        first_sample = self._hearing.clock_sample
        block = self._hearing.read()
        if block is not None:
            if first_sample < self._deaf_until_sample:
                block = block * 0
            yield from self._heard(first_sample, block)
        self._hearing.move_on(speaking=self._speaking)
        if self._hearing.finished and not self._source_ended_said:
            self._source_ended_said = True
            yield SourceEnded(clock_sample=self._hearing.clock_sample, turns=self._turn)

    def _heard(self, first_sample: int, block: Int16Array) -> Iterator[AnyFrame]:
        self._past.append((first_sample, block))
        if self._judge is not None:
            self._judge.hear(first_sample, block)
        boundaries = self._endpointer.feed(self._detector.feed(first_sample, block))
        started = next((b for b in boundaries if isinstance(b, Started)), None)
        if started is not None:
            yield from self._begin(started)
        elif self._speaking:
            yield self._chunk(first_sample, block)
        for boundary in boundaries:
            if not isinstance(boundary, Started):
                yield self._frame(boundary)

    def _begin(self, started: Started) -> Iterator[AnyFrame]:
        """Open a turn, with the sound from before it was noticed."""
        self._turn += 1
        self._speaking = True
        if self._is_owed:
            self._hearing.turn_opened(self._turn)
        yield SpeechStarted(session=self._session, turn=self._turn, sample=started.sample)
        for first_sample, block in self._past:
            if first_sample + CHUNK_SAMPLES > started.sample - self._preroll_samples:
                yield self._chunk(first_sample, block)

    @property
    def _is_owed(self) -> bool:
        """Whether Closed will come for the turn: one that is heard again may be over by now."""
        return self._turn >= self._next_turn or self._turn in self._taken_up

    def _frame(self, boundary: Boundary) -> AnyFrame:
        match boundary:
            case Paused():
                return SpeechPaused(
                    session=self._session, turn=self._turn, revision=boundary.revision,
                    sample=boundary.sample, speech_end_sample=boundary.speech_end_sample,
                )  # fmt: skip
            case Resumed():
                return SpeechResumed(
                    session=self._session, turn=self._turn,
                    revision=boundary.revision, sample=boundary.sample,
                )  # fmt: skip
            case Ended():
                self._speaking = False
                self._past.clear()
                self._hearing.turn_ended(self._turn, owed=self._is_owed)
                return SpeechEnded(
                    session=self._session,
                    turn=self._turn,
                    revision=boundary.revision,
                    sample=boundary.sample,
                    speech_end_sample=boundary.speech_end_sample,
                    reason=boundary.reason,
                )
            case Started():
                raise ValueError("a beginning is not a single frame")

    def _chunk(self, first_sample: int, block: Int16Array) -> AudioChunk:
        pcm = block.astype("<i2").tobytes()
        return AudioChunk(
            session=self._session, turn=self._turn, first_sample=first_sample, pcm=pcm
        )


def _done(frame: TurnFrame) -> Done:
    return Done(session=frame.session, turn=frame.turn, revision=frame.revision, stage="capture")
