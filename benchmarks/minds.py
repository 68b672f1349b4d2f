"""A transcript in, an answer and how long it took out: in one generation, or in three passes.

Both have the same loaded model, the same notes, the same persona and prompt cache. The three
passes are what stood in SARAi's first plan: think, answer from the notes, say it kindly; each
with its own instructions, which are in the cache like those of the one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from bus.frames import Clause, Transcript
from config.settings import Settings
from models.protocols import ChatMessage, Sampling
from stages.answer import Answer
from stages.clauses import ClauseSplitter
from stages.mind import Mind
from stages.prompt import question
from stages.question import Question
from stages.thinker import Thinker

LOGIC: Final = {
    "en": "You think for a voice assistant. Say in one or two sentences what the user wants to "
    "know and what is known about it in general.",
    "es": "Piensas para un asistente de voz. Di en una o dos frases qué quiere saber el usuario y "
    "qué se sabe de ello en general.",
}
GROUNDED: Final = {
    "en": "You answer from the notes of this home. If they hold the answer, say it as they do, in "
    "one or two short sentences. If you do not know something, say so in a few words.",
    "es": "Respondes con las notas de esta casa. Si dicen la respuesta, dila como ellas, en una o "
    "dos frases cortas. Si no sabes algo, dilo en pocas palabras.",
}
EMPATHY: Final = {
    "en": "You are Sarai, the voice assistant of this home. Say the draft again as people talk, in "
    "English, warm and calm, in one or two short sentences. Keep every fact. No markdown.",
    "es": "Eres Sarai, el asistente de voz de esta casa. Di otra vez el borrador como se habla, en "
    "español, cercano y tranquilo, en una o dos frases cortas. Conserva todos los datos. Sin "
    "markdown.",
}
DRAFT: Final = {"en": "Draft:", "es": "Borrador:"}


class Said(Struct, frozen=True):
    """One answer."""

    text: str
    first_clause_ms: float
    """From the transcript to the first words that can be spoken."""
    whole_ms: float
    passages: int
    """That stood in the prompt."""


def one_generation(thinker: Thinker, transcript: Transcript) -> Said:
    """Answer as the daemon does."""
    mind = thinker._opened  # noqa: SLF001 - what the prompt will hold is of interest here
    passages = len(mind.recollection.passages(transcript))
    begin_s = time.monotonic()
    texts, first_s = [], 0.0
    for frame in thinker.handle(transcript):
        if isinstance(frame, Clause):
            first_s = first_s or time.monotonic()
            texts.append(frame.text)
    end_s = time.monotonic()
    return Said(
        text=" ".join(filter(None, texts)),
        first_clause_ms=(first_s - begin_s) * 1e3,
        whole_ms=(end_s - begin_s) * 1e3,
        passages=passages,
    )


class ThreePasses:
    """Thinks, answers from the notes, and says it kindly, each in a generation of its own.

    thinker: lends its model, cache and notes.
    """

    def __init__(self, thinker: Thinker, settings: Settings) -> None:
        self._mind: Mind = thinker._opened  # noqa: SLF001 - the same model is the point
        self._persona = thinker._persona  # noqa: SLF001
        self._settings = settings.thinker
        for texts in (LOGIC, GROUNDED, EMPATHY):
            for language in settings.daemon.languages:
                self._mind.cache.keep([ChatMessage("system", texts[language])])
        while self._mind.cache.cold:
            self._mind.cache.warm()

    def answer(self, transcript: Transcript) -> Said:
        """Answer in three generations; only the last can be spoken as it comes."""
        language, words = transcript.language, transcript.text
        mind = self._mind
        begin_s = time.monotonic()
        notes = mind.prompts._notes(transcript)  # noqa: SLF001 - as the one prompt has them
        mood = mind.prompts._mood(transcript)  # noqa: SLF001
        thought, _ = self._pass(LOGIC[language], question(self._persona, language, words))
        asked = question(self._persona, language, words, notes)
        hint = Question(asked.words, asked.before, after=f"\n({thought})")
        grounded, _ = self._pass(GROUNDED[language], hint)
        felt = question(
            self._persona, language, f"{words}\n{DRAFT[language]} {grounded}", None, mood
        )
        text, first_s = self._pass(EMPATHY[language], felt)
        return Said(
            text=text,
            first_clause_ms=(first_s - begin_s) * 1e3,
            whole_ms=(time.monotonic() - begin_s) * 1e3,
            passages=len(notes or ()),
        )

    def _pass(self, system: str, asked: Question) -> tuple[str, float]:
        """Return what is generated, and when its first clause was there."""
        plan = self._mind.cache.plan([ChatMessage("system", system)], asked)
        answer = Answer(plan, self._splitter, [], "")
        first_s = 0.0
        for _ in answer.write(self._mind.cache, self._draw):
            if answer.texts and not first_s:
                first_s = time.monotonic()
        return " ".join(filter(None, answer.texts)), first_s or time.monotonic()

    def _splitter(self) -> ClauseSplitter:
        settings = self._settings
        return ClauseSplitter(settings.first_clause_characters, settings.longest_clause_characters)

    def _draw(self) -> Iterator[str | None]:
        settings = self._settings
        return self._mind.model.generate(
            Sampling(
                temperature=settings.temperature,
                top_p=settings.top_p,
                min_p=settings.min_p,
                repeat_penalty=settings.repeat_penalty,
                seed=1,
                most_tokens=settings.most_tokens,
            )
        )
