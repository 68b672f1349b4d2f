"""What the language model has read already: prompts in, only their new tokens read."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.protocols import ChatMessage, LanguageModel, ModelState
    from models.state_files import StateFiles

_STEP_TOKENS = 16
"""Read in idle time in pieces this small, so that a question never waits long for one."""


class PromptCache:
    """Snapshots of the model's state behind prompt heads.

    LFM2's memory cannot be cut back, so a prompt is continued from the longest snapshot that it
    begins with. Permanent ones are kept in `files` from one start to the next.
    """

    def __init__(self, model: LanguageModel, files: StateFiles) -> None:
        self._model = model
        self._files = files
        self._kept: list[ModelState] = []
        self._recent: list[ModelState] = []
        self._wanted: deque[tuple[list[int], bool]] = deque()
        self._reading: Iterator[None] | None = None

    @property
    def cold(self) -> bool:
        """Return whether a wanted head has not been read yet."""
        return bool(self._wanted)

    def keep(self, head: Sequence[ChatMessage]) -> None:
        """Have `head` at hand for ever: from the last start, or read in idle time."""
        tokens = self._tokens(head)
        known = self._files.load(tokens)
        if known is None:
            self._wanted.append((tokens, True))
        else:
            self._kept.append(known)

    def want(self, heads: Sequence[Sequence[ChatMessage]]) -> None:
        """Have `heads` read in idle time, in this order, in place of those wanted before."""
        self._reading = None
        self._wanted = deque(entry for entry in self._wanted if entry[1])
        self._wanted.extend((self._tokens(head), False) for head in heads)
        self._recent = self._recent[-len(heads) :]

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
            self._remember(self._model.save(), keep=keep)

    def _remember(self, state: ModelState, *, keep: bool) -> None:
        if keep:
            self._kept.append(state)
            self._files.save(state)
            return
        self._recent = [old for old in self._recent if not _is_begun_by(old, state)]
        self._recent.append(state)

    def read(self, prompt: Sequence[ChatMessage], *, said: str) -> Iterator[None]:
        """Bring the model to the end of `prompt`, and of what it `said` of the answer already."""
        self._reading = None
        text = self._model.render(prompt, answer=True) + said
        tokens = self._model.tokenize(text)
        yield from self._read(tokens, step_tokens=len(tokens))

    def shed(self) -> None:
        """Drop the snapshots that are not permanent."""
        self._recent.clear()

    def _tokens(self, head: Sequence[ChatMessage]) -> list[int]:
        return self._model.tokenize(self._model.render(head, answer=False))

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


def _is_begun_by(old: ModelState, new: ModelState) -> bool:
    """Return whether `new` goes on where `old` ends: then nobody needs `old` any more."""
    return new.tokens[: len(old.tokens)] == old.tokens
