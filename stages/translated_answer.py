"""Words in another language in, the clauses of their answer in that language out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from models.pool.errors import NoSpecialist, SpecialistRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from bus.frames import Transcript
    from stages.answer import Answer
    from stages.interpreter import Interpreter
    from stages.persona import Wording
    from stages.prompt import Exchange
    from stages.prompt_cache import PromptCache


class TranslatedAnswer:
    """Has the shape of an Answer: the words are translated, answered at home, and each clause back.

    answer_to: begins to answer a transcript in the language of this home. wording: the lines of
    that language, for when nobody can translate. A successor makes all of it once more.
    """

    plan = None

    def __init__(
        self,
        transcript: Transcript,
        interpreter: Interpreter,
        answer_to: Callable[[Transcript], Answer],
        wording: Wording,
    ) -> None:
        self.texts: list[str] = []
        self.ended = False
        self.language: str | None = None
        self._transcript = transcript
        self._interpreter = interpreter
        self._answer_to = answer_to
        self._wording = wording
        self._at_home: Answer | None = None
        self._home: Transcript | None = None
        """The words as if they had been said in the language of this home."""

    @property
    def said(self) -> str:
        """The words that are answered."""
        return self._transcript.text

    def exchange(self, heard: str) -> list[Exchange]:
        """Return the words and what was `heard` of the answer, in the language of this home.

        [] where they could not be translated: what was heard is a line that says so.
        """
        if self._home is None or self._at_home is None:
            return []
        clauses, place = [], 0
        for ours, theirs in zip(self._at_home.texts, self.texts, strict=False):
            place = heard.find(theirs, place)
            if place < 0:
                break
            clauses.append(ours)
            place += len(theirs)
        return [(self._home.text, " ".join(filter(None, clauses)))]

    def write(self, cache: PromptCache, draw: Callable[[], Iterator[str | None]]) -> Iterator[None]:
        """Go on; yields after each step. Closed at one, it can be gone on with later."""
        try:
            if self._at_home is None and not self.ended:
                self._home = yield from self._heard()
                self._at_home = self._answer_to(self._home)
            while self._at_home is not None and not self.ended:
                for _ in self._at_home.write(cache, draw):
                    yield
                    yield from self._say(self._at_home)
                yield from self._say(self._at_home)
        except NoSpecialist as failure:
            self._break_off(failure)

    def _heard(self) -> Generator[None, None, Transcript]:
        said, home = self._transcript, self._interpreter.home
        text = yield from self._interpreter.translated(said.text, said.language, home)
        return structs.replace(said, text=text, language=home)

    def _say(self, answer: Answer) -> Iterator[None]:
        """Translate the clauses that were written since."""
        home, language = self._interpreter.home, self._transcript.language
        while len(self.texts) < len(answer.texts):
            clause = answer.texts[len(self.texts)]
            if clause:
                clause = yield from self._interpreter.translated(clause, home, language)
            self.texts.append(clause)
        self.ended = answer.ended

    def _break_off(self, failure: NoSpecialist) -> None:
        """End where the answer is; say why in the language of this home if nothing was said yet."""
        if self.texts:
            self.texts.append("")
        else:
            refused = isinstance(failure, SpecialistRefused)
            self.texts.append(
                self._wording.no_room_to_translate if refused else self._wording.no_translation
            )
            self.language = self._interpreter.home
        self.ended = True
