"""Encoder: the sound of an utterance in, candidate and final transcripts out."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bus.frames import (
    AnyFrame,
    AudioChunk,
    Cancel,
    Closed,
    Done,
    Order,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    Transcript,
)
from models.transcribers import open_transcriber
from stages.utterance import Utterance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.settings import Settings
    from models.protocols import Hypothesis, Transcriber

Boundary: TypeAlias = SpeechPaused | SpeechEnded


class _Turn:
    """What is known of one unfinished utterance."""

    def __init__(self) -> None:
        self.utterance = Utterance()
        self.waiting: Boundary | None = None
        """A boundary whose sound has not all come: control frames overtake sound."""
        self.candidate: tuple[int, Hypothesis] | None = None
        """Revision and text of the last pause."""
        self.transcripts = 0


class Encoder:
    """Writes down what was said; a pause already costs the work, the end then costs nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._transcriber: Transcriber | None = None
        self._turns: dict[tuple[str, int], _Turn] = {}
        self._owed: list[Done] = []

    def open(self) -> None:
        """Load the speech recogniser."""
        self._transcriber = open_transcriber(self._settings)

    def resume(self, inputs: Sequence[AnyFrame], sent: Sequence[AnyFrame]) -> None:
        """Hear the utterance again; what the predecessor already said is not said again."""
        for frame in inputs:
            if isinstance(frame, AudioChunk):
                self._turn(frame).utterance.add(frame)
            elif isinstance(frame, SpeechPaused | SpeechEnded):
                self._turn(frame).waiting = frame
            elif isinstance(frame, SpeechResumed):
                self._turn(frame).waiting = None
        for frame in sent:
            if isinstance(frame, Transcript):
                turn = self._turn(frame)
                turn.transcripts = max(turn.transcripts, frame.index + 1)
                if frame.state == "final":
                    turn.waiting = None
                    self._owed.append(_done(frame))  # the predecessor may have died before it

    def handle(self, frame: AnyFrame) -> Iterator[AnyFrame | None]:
        """Take sound and boundaries; yield transcripts."""
        match frame:
            case AudioChunk():
                turn = self._turn(frame)
                turn.utterance.add(frame)
                if turn.waiting is not None:
                    yield from self._heard(turn)
            case SpeechPaused() | SpeechEnded():
                turn = self._turn(frame)
                turn.waiting = frame
                yield from self._heard(turn)
            case SpeechResumed():
                turn = self._turn(frame)
                turn.candidate = turn.waiting = None
            case Cancel(whole_turn=True):
                self._turns.pop((frame.session, frame.turn), None)
                yield _done(frame)
            case Closed():
                self._turns.pop((frame.session, frame.turn), None)
            case _:
                return

    def idle(self) -> Iterator[AnyFrame | None]:
        """Finish boundaries that `resume` left waiting."""
        while self._owed:
            yield self._owed.pop()
        for turn in list(self._turns.values()):
            if turn.waiting is not None:
                yield from self._heard(turn)

    def due_ms(self) -> float | None:
        """Return 0 while a boundary waits whose sound is complete."""
        return 0.0 if self._owed or any(map(_complete, self._turns.values())) else None

    def obey(self, order: Order) -> None:
        """Nothing to shed: the models are all there is."""

    def close(self) -> None:
        """Let go of the recogniser."""
        self._transcriber = None

    def _turn(self, frame: AudioChunk | Boundary | SpeechResumed | Transcript) -> _Turn:
        return self._turns.setdefault((frame.session, frame.turn), _Turn())

    def _heard(self, turn: _Turn) -> Iterator[AnyFrame | None]:
        """Transcribe up to the waiting boundary once all its sound is there."""
        boundary = turn.waiting
        if boundary is None or not _complete(turn):
            return
        turn.waiting = None
        known = turn.candidate
        if known is not None and known[0] == boundary.revision:
            hypothesis = known[1]
        else:
            samples = turn.utterance.samples(boundary.sample)
            hypothesis = yield from self._engine.transcribe(samples)
            turn.candidate = (boundary.revision, hypothesis)
        final = isinstance(boundary, SpeechEnded)
        yield Transcript(
            session=boundary.session,
            turn=boundary.turn,
            revision=boundary.revision,
            index=turn.transcripts,
            text=hypothesis.text,
            stable_prefix=hypothesis.text if final else "",
            language=hypothesis.language,
            state="final" if final else "candidate",
        )
        turn.transcripts += 1
        if final:
            yield _done(boundary)

    @property
    def _engine(self) -> Transcriber:
        if self._transcriber is None:
            raise RuntimeError("the encoder is not open")
        return self._transcriber


def _complete(turn: _Turn) -> bool:
    return turn.waiting is not None and turn.utterance.end_sample >= turn.waiting.sample


def _done(frame: Boundary | Cancel | Transcript) -> Done:
    return Done(session=frame.session, turn=frame.turn, revision=frame.revision, stage="encoder")
