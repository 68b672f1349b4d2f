"""Encoder: the sound of utterances in, partial, candidate and final transcripts out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from bus.frames import AnyFrame, Cancel, Closed, Done, Order, Transcript, TurnFrame
from models.heap_trim import give_back
from models.sentence_encoder import open_sentence_encoder
from models.transcribers import open_transcriber
from stages.dictation import HEARD, Dictation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.settings import Settings
    from config.stage_settings import Partials
    from models.protocols import Transcriber
    from models.sentence_encoder import SentenceEncoder


class Encoder:
    """Writes down what is said.

    While someone speaks, now and then, one pass of the model for each call of `idle`, so that a
    pause waits for one pass at most; at each pause at once; the end then costs nothing.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._transcriber: Transcriber | None = None
        self._sentences: SentenceEncoder | None = None
        self._embedded: tuple[str, tuple[float, ...]] = ("", ())
        """The last text and its latent: a final text is mostly that of its candidate."""
        self._turns: dict[tuple[str, int], Dictation] = {}
        self._owed: list[Done] = []
        self._without_partials = False

    def open(self) -> None:
        """Load the speech recogniser, and what embeds sentences where there is a memory."""
        self._transcriber = open_transcriber(self._settings)
        self._sentences = open_sentence_encoder(self._settings)

    def resume(self, inputs: Sequence[AnyFrame], sent: Sequence[AnyFrame]) -> None:
        """Hear the utterance again; what the predecessor already said is not said again."""
        for frame in inputs:
            if isinstance(frame, HEARD):
                self._turn(frame).take(frame)
        for frame in sent:
            if isinstance(frame, Transcript) and self._turn(frame).sent(frame):
                self._owed.append(_done(frame))  # the predecessor may have died before it

    def handle(self, frame: AnyFrame) -> Iterator[AnyFrame | None]:
        """Take sound and boundaries; yield transcripts of boundaries."""
        if isinstance(frame, HEARD):
            turn = self._turn(frame)
            turn.take(frame)
            yield from self._concluded(turn)
        elif isinstance(frame, Closed) or (isinstance(frame, Cancel) and frame.whole_turn):
            self._turns.pop((frame.session, frame.turn), None)
            if isinstance(frame, Cancel):
                yield _done(frame)
        elif isinstance(frame, Cancel) and (frame.session, frame.turn) in self._turns:
            self._turns[frame.session, frame.turn].wrong(frame.revision)

    def idle(self) -> Iterator[AnyFrame | None]:
        """Finish boundaries that `resume` left waiting; do one step of what is due."""
        while self._owed:
            yield self._owed.pop()
        for turn in list(self._turns.values()):
            yield from self._concluded(turn)
        speaking = next((turn for turn in reversed(self._turns.values()) if turn.is_due), None)
        if speaking is not None:
            yield self._with_latent(speaking.step())

    def due_ms(self) -> float | None:
        """Return 0 while there is something to write down whose sound is there."""
        turns = self._turns.values()
        return 0.0 if self._owed or any(turn.is_waiting or turn.is_due for turn in turns) else None

    def obey(self, order: Order) -> None:
        """Degrade: write nothing down before a pause. Nothing to shed: models are all there is."""
        if order.kind == "degrade":
            self._without_partials = order.rung > 0

    def close(self) -> None:
        """Let go of the models."""
        self._transcriber = self._sentences = None

    def _turn(self, frame: TurnFrame) -> Dictation:
        key = (frame.session, frame.turn)
        if key not in self._turns:
            self._turns[key] = Dictation(
                lambda: self._engine,
                self._partials,
                session=frame.session,
                turn=frame.turn,
                speculate=self._settings.daemon.speculate,
            )
        return self._turns[key]

    def _concluded(self, turn: Dictation) -> Iterator[AnyFrame | None]:
        """Write down a boundary that waits, if its sound is there."""
        for transcript in turn.conclude():
            yield self._with_latent(transcript)
            if transcript is not None and transcript.state == "final":
                yield _done(transcript)
                give_back()

    def _with_latent(self, transcript: Transcript | None) -> Transcript | None:
        """Add what the text is about: what the notes are searched for, from partial texts on."""
        if transcript is None or not transcript.text or self._sentences is None:
            return transcript
        if self._embedded[0] != transcript.text:
            latent = tuple(self._sentences.embed(transcript.text).tolist())
            self._embedded = (transcript.text, latent)
        return structs.replace(transcript, latent=self._embedded[1])

    @property
    def _partials(self) -> Partials:
        """Return when partials are due; on the lower rung not while anybody can speak."""
        partials = self._settings.encoder.partials
        if not self._without_partials:
            return partials
        longest_ms = self._settings.capture.endpointing.longest_s * 1_000
        return structs.replace(partials, first_ms=2 * longest_ms)

    @property
    def _engine(self) -> Transcriber:
        if self._transcriber is None:
            raise RuntimeError("the encoder is not open")
        return self._transcriber


def _done(frame: TurnFrame) -> Done:
    return Done(session=frame.session, turn=frame.turn, revision=frame.revision, stage="encoder")
