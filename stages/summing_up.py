"""A conversation that outgrew its prompt in, the sum of its beginning out, made in idle time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.answer import Answer
from stages.clauses import ClauseSplitter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stages.conversation import Conversation
    from stages.prompt_cache import PromptCache
    from stages.prompts import Prompts


class SummingUp:
    """Writes one sum at a time, step by step; may be left at any step and gone on with.

    draw: begins to draw it behind its prompt.
    """

    def __init__(
        self, cache: PromptCache, prompts: Prompts, draw: Callable[[], Iterator[str | None]]
    ) -> None:
        self._cache = cache
        self._prompts = prompts
        self._draw = draw
        self._conversation: Conversation | None = None
        self._summed = 0
        """Exchanges up to the newest that is being summed up, those that were dropped included."""
        self._answer: Answer | None = None
        self._steps: Iterator[None] | None = None

    def is_wanted(self, conversation: Conversation) -> bool:
        """Return whether something was said for which prompts have no room."""
        return conversation is self._conversation or bool(self._prompts.beyond(conversation))

    def step(self, conversation: Conversation) -> bool:
        """Do a step; return whether the sum is there, and stands in the conversation now."""
        if self._conversation is not conversation:
            self._begin(conversation)
        answer = self._answer
        if answer is None:
            return False
        if self._steps is None:
            self._steps = answer.write(self._cache, self._draw)
        for _ in self._steps:
            return False
        kept = conversation.dropped + len(conversation.exchanges) - self._summed
        conversation.sum_up(" ".join(filter(None, answer.texts)), kept)
        self.drop()
        return True

    def leave(self) -> None:
        """Leave the sum under way at the step where it is: the model is wanted."""
        steps, self._steps = self._steps, None
        close = getattr(steps, "close", None)
        if close is not None:
            close()

    def drop(self) -> None:
        """Give up what is under way."""
        self.leave()
        self._conversation = self._answer = None

    def _begin(self, conversation: Conversation) -> None:
        self.drop()
        beyond = self._prompts.beyond(conversation)
        self._conversation, self._summed = conversation, conversation.dropped + len(beyond)
        plan = self._prompts.summing_up(conversation, beyond)
        self._answer = Answer(plan, lambda: ClauseSplitter(1, 1_000), [], conversation.summary)
