"""A specialist's words in, clauses out; when it breaks off, the thinker's own model goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.pool.errors import NoSpecialist, SpecialistRefused
from stages.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stages.clauses import ClauseSplitter
    from stages.prompt_cache import Plan, PromptCache


class DelegatedAnswer:
    """Has the shape of an Answer; `plan` is the prompt of the model that may have to go on.

    pieces: the specialist's words; None between two steps; raises NoSpecialist when there are no
    more though the answer has no end. no_room: what is said first when there was no memory for it.
    instead: what is said where the model cannot answer in its place.
    """

    language = None

    def __init__(
        self,
        plan: Plan,
        pieces: Iterator[str | None],
        splitter: Callable[[], ClauseSplitter],
        otherwise: str,
        *,
        no_room: str,
        instead: str,
    ) -> None:
        self.plan = plan
        self.texts: list[str] = []
        self.ended = False
        self._pieces = pieces
        self._begin_splitter = splitter
        self._splitter = splitter()
        self._otherwise = otherwise
        self._no_room = no_room
        self._instead = instead
        self._heard = ""
        """Whole words of the specialist."""
        self._word = ""
        """What may be half a word."""
        self._rest: Answer | None = None
        self._before: list[str] = []
        """Clauses that were there when the model took over."""

    def write(self, cache: PromptCache, draw: Callable[[], Iterator[str | None]]) -> Iterator[None]:
        """Go on; yields after each step. Closed at one, it can be gone on with later."""
        if self._rest is None and not self.ended:
            yield from self._listen(cache)
        if self._rest is not None and not self.ended:
            for _ in self._rest.write(cache, draw):
                self._gather(self._rest)
                yield
            self._gather(self._rest)

    def _listen(self, cache: PromptCache) -> Iterator[None]:
        """Take words; between them read the prompt, so that the model could go on at once."""
        reading = cache.read(self.plan, "")
        try:
            for piece in self._pieces:
                if piece:
                    self._take(piece)
                else:
                    next(reading, None)
                yield
        except NoSpecialist as failure:
            self._take_over(failure)
        else:
            self._end()

    def _take(self, piece: str) -> None:
        """Pass whole words on: the model could not go on behind half of one."""
        self._word += piece
        cut = max(self._word.rfind(" "), self._word.rfind("\n")) + 1
        words, self._word = self._word[:cut], self._word[cut:]
        self._heard += words
        self.texts += self._splitter.feed(words)

    def _end(self) -> None:
        self.texts += self._splitter.feed(self._word)
        self.texts.append(self._splitter.finish() or ("" if self.texts else self._otherwise))
        self.ended = True

    def _take_over(self, failure: NoSpecialist) -> None:
        refused = isinstance(failure, SpecialistRefused)
        if self._instead:
            self.texts.append(self._no_room if refused else self._instead)
            self.ended = True
            return
        if refused:
            self.texts.append(self._no_room)
        self._before = list(self.texts)
        # Half a clause stays in the splitter: the model's words complete it.
        splitter = self._splitter if self._heard else self._begin_splitter()
        self._rest = Answer(
            self.plan,
            lambda: splitter,
            [],
            "" if self.texts else self._otherwise,
            behind=self._heard.rstrip(),
            to_sentence_end=bool(self._heard),  # who knew more has begun it, and has to be ended
        )

    def _gather(self, rest: Answer) -> None:
        self.texts = self._before + rest.texts
        self.ended = rest.ended
