"""Talker: clauses of an answer in, their sound in chunks out, never far ahead of the ear."""

from __future__ import annotations

import zlib
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from bus.frames import (
    AnyFrame,
    Cancel,
    Clause,
    Closed,
    Done,
    Notice,
    Order,
    Played,
    SpeechChunk,
    TurnFrame,
)
from models.voices import Voices
from stages.delivering import delivered
from stages.phrases import Phrase, Phrases
from stages.speaking import Answer, ClauseSound
from stages.spoken_text import spoken_text
from stages.takes import Take, Takes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.delivery import Delivery
    from config.settings import Settings

_STEPS_AHEAD: Final = 12
"""Half a second of work behind a turn: who speaks again so soon is hardly kept waiting."""

Key: TypeAlias = tuple[str, int, int]
"""Session, turn, revision."""


class Talker:
    """Gives the answer its voice."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._voices = Voices(settings)
        self._answers: dict[Key, Answer] = {}
        self._takes = Takes()
        self._deliveries: dict[str, Delivery] = {
            str(name): delivery for name, delivery in settings.talker.emotions.items()
        }
        self._owed: list[Done] = []
        self._phrases = Phrases(
            settings.talker.phrase_characters,
            int(settings.talker.phrases_mb * 1e6),
            (
                (language, spoken_text(text, language), 1.0)
                for language in settings.daemon.languages[: settings.talker.resident]
                for text in settings.talker.phrases.get(language, ())
            ),
        )
        self._steps_ahead = 0
        """Left of the steps that the end of the last turn gave for making phrases."""

    def open(self) -> None:
        """Load the voices."""
        self._voices.open()

    def resume(self, inputs: Sequence[AnyFrame], sent: Sequence[AnyFrame]) -> None:
        """Take the answer up where the predecessor fell; finished chunks are skipped."""
        for frame in inputs:
            if isinstance(frame, Clause | Notice):
                self._answer(frame).clauses.append(_as_clause(frame))
        for frame in sent:
            if isinstance(frame, SpeechChunk):
                self._answer(frame).sent(frame)
                if frame.last:
                    self._owed.append(_done(frame))  # the predecessor may have died before it
        for frame in inputs:
            if isinstance(frame, Played):
                self._answer(frame).heard(frame)

    def handle(self, frame: AnyFrame) -> Iterator[AnyFrame | None]:
        """Take clauses and reports of what was heard; yield sound."""
        match frame:
            case Clause() | Notice():
                answer = self._answer(frame)
                answer.clauses.append(_as_clause(frame))
                yield from self._speak(answer)
            case Played():
                self._takes.heard(frame)
                if (known := self._answers.get(_key(frame))) is not None:
                    known.heard(frame)
                    yield from self._speak(known)
            case Cancel(whole_turn=False):
                self._answers.pop(_key(frame), None)
            case Cancel():
                self._forget(frame)
                yield _done(frame)
            case Closed():
                self._forget(frame)
                self._steps_ahead = _STEPS_AHEAD
            case _:
                return

    def idle(self) -> Iterator[AnyFrame | None]:
        """Go on with answers that `resume` found unfinished; in quiet, make phrases ahead."""
        while self._owed:
            yield self._owed.pop()
        for answer in list(self._answers.values()):
            yield from self._speak(answer)
        if self._makes_ahead:
            self._steps_ahead -= 1
            self._phrases.step(self._phrase)
            yield None

    def due_ms(self) -> float | None:
        """Return 0 while there is something to say and room ahead of the ear, or to prepare."""
        speaks = any(map(self._may_speak, self._answers.values()))
        return 0.0 if self._owed or speaks or self._makes_ahead else None

    def obey(self, order: Order) -> None:
        """Shed: voices that are not in use are loaded again when they are needed.

        Degrade: espeak-ng speaks, which takes no time.
        """
        if order.kind == "shed":
            self._voices.shed()
            self._phrases.clear()
        elif order.kind == "degrade":
            self._voices.resort(to_espeak=order.rung > 0)
            self._phrases.clear()

    def close(self) -> None:
        """Let go of the voices."""
        self._voices.close()

    def _may_speak(self, answer: Answer) -> bool:
        return answer.has_work and answer.ahead_ms < self._settings.talker.ahead_ms

    def _speak(self, answer: Answer) -> Iterator[AnyFrame | None]:
        """Yield chunks until the answer is said or is far enough ahead of the ear."""
        while self._may_speak(answer):
            if answer.current is None:
                clause = answer.next_clause()
                answer.current = self._begin(answer, clause) if clause is not None else None
                continue
            speaking = answer.current
            try:
                pcm = next(speaking.sound)
            except StopIteration:
                answer.current = None
                ending = speaking.ending()
                answer.sent(ending)
                yield ending
                if ending.last:
                    yield _done(ending)
                continue
            chunk = speaking.chunk(pcm) if pcm is not None else None
            if chunk is not None:
                answer.sent(chunk)
            yield chunk

    def _begin(self, answer: Answer, clause: Clause) -> ClauseSound:
        take = self._takes.take(clause, partial(self._first_take, clause))
        sound = take.read()
        if (delivery := self._deliveries.get(clause.emotion)) is not None:
            sound = delivered(sound, delivery, take.rate, followed=not clause.last)
        sent_samples = answer.sent_samples.get(clause.index, 0)
        return ClauseSound(clause, sound, take.rate, sent_samples)

    def _first_take(self, clause: Clause) -> Take:
        text = spoken_text(clause.text, clause.language)
        if not text:
            return Take(iter(()), self._voices.voice(clause.language).rate)
        delivery = self._deliveries.get(clause.emotion)
        pace = delivery.pace if delivery else 1.0
        phrase = (clause.language, text, pace)
        if self._phrases.is_one(text):
            return self._phrases.take(phrase, partial(self._phrase, phrase))
        return self._spoken(phrase, f"{clause.session}/{clause.turn}/{clause.index}")

    def _phrase(self, phrase: Phrase) -> Take:
        """Begin a take that is the same whenever it is made."""
        return self._spoken(phrase, "/".join(map(str, phrase)))

    def _spoken(self, phrase: Phrase, name: str) -> Take:
        """Begin a take. name: of its noise; a successor makes the same sound again."""
        language, text, pace = phrase
        voice = self._voices.voice(language)
        seed = zlib.crc32(f"{self._settings.daemon.seed}/{name}".encode())
        return Take(voice.speak(text, seed=seed, pace=pace), voice.rate)

    @property
    def _makes_ahead(self) -> bool:
        """Whether phrases are to be made: nobody is being answered."""
        return self._steps_ahead > 0 and not self._answers and not self._phrases.is_complete

    def _answer(self, frame: TurnFrame) -> Answer:
        return self._answers.setdefault(_key(frame), Answer())

    def _forget(self, frame: TurnFrame) -> None:
        for key in [key for key in self._answers if key[:2] == (frame.session, frame.turn)]:
            del self._answers[key]


def _key(frame: TurnFrame) -> Key:
    return (frame.session, frame.turn, frame.revision)


def _as_clause(frame: Clause | Notice) -> Clause:
    """Return a notice as the only clause of its revision."""
    if isinstance(frame, Clause):
        return frame
    return Clause(
        session=frame.session,
        turn=frame.turn,
        revision=frame.revision,
        index=0,
        text=frame.text,
        language=frame.language,
        last=True,
    )


def _done(frame: TurnFrame) -> Done:
    return Done(session=frame.session, turn=frame.turn, revision=frame.revision, stage="talker")
