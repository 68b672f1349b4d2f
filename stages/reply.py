"""A line that no model writes, as an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stages.prompt_cache import PromptCache


class Reply:
    """Has the shape of an Answer, and is complete from the beginning.

    clauses: at least one. words: what it answers.
    """

    plan = None
    ended = True
    language = None

    def __init__(self, clauses: Iterable[str], words: str) -> None:
        self.texts = list(clauses)
        self.words = words

    def write(self, cache: PromptCache, draw: Callable[[], Iterator[str | None]]) -> Iterator[None]:
        """Do nothing: all is written."""
        del cache, draw
        return iter(())
