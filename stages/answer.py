"""A prompt in, the clauses of the answer to it out; may be left at any step and gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import ContextFull

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stages.clauses import ClauseSplitter
    from stages.prompt_cache import Plan, PromptCache
    from stages.prompt_line import Snapshot


class Answer:
    """What is written in answer to one prompt, whichever revisions of a turn have that prompt.

    said: clauses that a predecessor has written already.
    otherwise: what is said when the model wrote no word.
    """

    def __init__(
        self, plan: Plan, splitter: ClauseSplitter, said: Sequence[str], otherwise: str
    ) -> None:
        self.plan = plan
        self.texts = list(said)
        """Clauses so far; where it has ended the last one may be empty."""
        self.ended = False
        self._said = " ".join(filter(None, said))
        self._splitter = splitter
        self._otherwise = otherwise
        self._pieces: Iterator[str | None] | None = None
        self._parked: Snapshot | None = None

    def write(self, cache: PromptCache, draw: Callable[[], Iterator[str | None]]) -> Iterator[None]:
        """Go on; yields after each step. Closed at one, it can be gone on with later.

        draw: begins to draw tokens behind the prompt.
        """
        if self.ended:
            return
        if self._pieces is None:
            yield from cache.read(self.plan, self._said)
            self._pieces = draw()
        elif self._parked is not None:
            cache.unpark(self._parked)
            self._parked = None
        try:
            for piece in self._pieces:
                if piece:
                    self.texts += self._splitter.feed(piece)
                yield
        except GeneratorExit:
            self._parked = cache.park()
            raise
        except ContextFull:
            pass  # so long an answer ends where it is
        self._end()

    def _end(self) -> None:
        rest = self._splitter.finish()
        if not rest and not any(self.texts):
            rest = self._otherwise
        self.texts.append(rest or "")
        self.ended = True
        self._pieces = None
