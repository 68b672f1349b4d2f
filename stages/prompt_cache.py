"""What the language model has read already: prompts in, only their new tokens read."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.protocols import ChatMessage, LanguageModel, ModelState

_STEP_TOKENS = 16
"""Read in idle time in pieces this small, so that a question never waits long for one."""

_REMEMBERED = 1
"""Heads with history kept beside the permanent ones: some megabytes each."""


class PromptCache:
    """Snapshots of the model's state behind prompt heads.

    LFM2's memory cannot be cut back, so a prompt is continued from the longest snapshot that it
    begins with.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._kept: list[ModelState] = []
        self._recent: deque[ModelState] = deque(maxlen=_REMEMBERED)
        self._wanted: deque[tuple[list[int], bool]] = deque()
        self._reading: Iterator[None] | None = None

    @property
    def cold(self) -> bool:
        """Return whether a wanted head has not been read yet."""
        return bool(self._wanted)

    def want(self, head: Sequence[ChatMessage], *, keep: bool = False) -> None:
        """Have `head` read in idle time. keep: for ever, not only until newer heads come."""
        tokens = self._model.tokenize(self._model.render(head, answer=False))
        self._wanted.append((tokens, keep))

    def warm(self) -> Iterator[None]:
        """Read wanted heads; yields between short steps, and may be left at any of them."""
        while self._wanted:
            tokens, keep = self._wanted[0]
            if self._reading is None:
                self._reading = self._read(tokens, step_tokens=_STEP_TOKENS)
            for _ in self._reading:
                yield
            self._reading = None
            self._wanted.popleft()
            (self._kept if keep else self._recent).append(self._model.save())

    def read(self, prompt: Sequence[ChatMessage], *, said: str) -> Iterator[None]:
        """Bring the model to the end of `prompt`, and of what it `said` of the answer already."""
        self._reading = None
        text = self._model.render(prompt, answer=True) + said
        tokens = self._model.tokenize(text)
        yield from self._read(tokens, step_tokens=len(tokens))

    def shed(self) -> None:
        """Drop the snapshots that are not permanent."""
        self._recent.clear()

    def _read(self, tokens: list[int], *, step_tokens: int) -> Iterator[None]:
        best: ModelState | None = None
        for state in (*self._kept, *self._recent):
            longer = best is None or len(state.tokens) > len(best.tokens)
            if longer and tuple(tokens[: len(state.tokens)]) == state.tokens:
                best = state
        self._model.restore(best)
        at = len(best.tokens) if best is not None else 0
        for start in range(at, len(tokens), step_tokens):
            yield from self._model.read(tokens[start : start + step_tokens])
