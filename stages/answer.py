"""A prompt in, the clauses of the answer to it out; may be left at any step and gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import ContextFull
from stages.clause_ends import ends_sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stages.clauses import ClauseSplitter
    from stages.prompt_cache import Plan, PromptCache
    from stages.prompt_line import Snapshot


class Answer:
    """What is written in answer to one prompt, whichever revisions of a turn have that prompt.

    splitter: begins to cut an answer into clauses.
    said: clauses that a predecessor has written already. They are written once more, so that
    what follows them is to the letter what the predecessor would have written; where they come
    out differently, as on another rung, the answer goes on behind them.
    otherwise: what is said when the model wrote no word.
    behind: what somebody else has said already, half a sentence perhaps; it is gone on with.
    to_sentence_end: no further than to the next end of a sentence.
    """

    language = None
    """Of the clauses, where it is not that of the user."""

    def __init__(
        self,
        plan: Plan,
        splitter: Callable[[], ClauseSplitter],
        said: Sequence[str],
        otherwise: str,
        *,
        behind: str = "",
        to_sentence_end: bool = False,
    ) -> None:
        self.plan = plan
        self.texts: list[str] = []
        """Clauses so far; where it has ended the last one may be empty."""
        self.ended = False
        self._said = list(said)
        self._behind = behind
        """What the model has to read as said, behind the prompt."""
        self._to_sentence_end = to_sentence_end
        self._begin_splitter = splitter
        self._splitter = splitter()
        self._otherwise = otherwise
        self._pieces: Iterator[str | None] | None = None
        self._parked: Snapshot | None = None

    def write(self, cache: PromptCache, draw: Callable[[], Iterator[str | None]]) -> Iterator[None]:
        """Go on; yields after each step. Closed at one, it can be gone on with later.

        draw: begins to draw tokens behind the prompt.
        """
        while not self.ended:
            yield from self._write(cache, draw)
            if not self._strays:
                self._end()
            if self._strays:
                self._go_on_behind()

    def _write(
        self, cache: PromptCache, draw: Callable[[], Iterator[str | None]]
    ) -> Iterator[None]:
        """Write until the model has ended, or strays from what was said."""
        if self._pieces is None:
            yield from cache.read(self.plan, self._behind)
            self._pieces = draw()
        elif self._parked is not None:
            cache.unpark(self._parked)
            self._parked = None
        try:
            for piece in self._pieces:
                if piece:
                    self.texts += self._splitter.feed(piece)
                if self._strays:
                    return
                if self._to_sentence_end and self.texts and ends_sentence(self.texts[-1]):
                    self._splitter.finish()  # what was written beyond is not said
                    return
                yield
        except GeneratorExit:
            self._parked = cache.park()
            raise
        except ContextFull:
            return  # so long an answer ends where it is

    @property
    def _strays(self) -> bool:
        """Return whether something else is written than what was said."""
        length = len(self.texts)
        return self.texts[: len(self._said)] != self._said[:length] or (
            self.ended and length < len(self._said)
        )

    def _go_on_behind(self) -> None:
        """Take what was said for given."""
        self.texts, self._said = self._said, []
        self._behind = " ".join(filter(None, self.texts))
        self._splitter = self._begin_splitter()
        self._pieces = None
        self.ended = False

    def _end(self) -> None:
        rest = self._splitter.finish()
        if not rest and not any(self.texts):
            rest = self._otherwise
        self.texts.append(rest or "")
        self.ended = True
        self._pieces = None
