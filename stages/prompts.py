"""Transcripts and a conversation in, how their prompts are read out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stages.prompt import messages, recent, words_said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bus.frames import Transcript
    from config.settings import Settings
    from models.protocols import ChatMessage
    from stages.conversation import Conversation, OpenTurn
    from stages.prompt import Exchange, Persona
    from stages.prompt_cache import Plan, PromptCache

_TEMPLATE_TOKENS: Final = 6
"""What a chat template puts around a message, about."""


class Prompts:
    """Composes what the language model reads.

    count_tokens: of a text, for the budget of the history.
    """

    def __init__(
        self,
        settings: Settings,
        persona: Persona,
        cache: PromptCache,
        count_tokens: Callable[[str], int],
    ) -> None:
        self._languages = settings.daemon.languages
        self._context = settings.thinker.context_tokens
        self._most_tokens = min(settings.thinker.most_tokens, self._context // 4)
        self._persona = persona
        self._cache = cache
        self._count_tokens = count_tokens

    def whole(self, transcript: Transcript, conversation: Conversation) -> Plan:
        """Return the prompt; the history gives way to words that fill the context."""
        words = words_said(transcript.text)
        for exchanges in (self._history(conversation), ()):
            plan = self._cache.plan(self._head(transcript.language, exchanges), words)
            if plan.length <= self._context - self._most_tokens:
                return plan
        # Nobody speaks so long; what a broken recogniser wrote is not worth a dead process.
        return self._cache.plan(self._head(transcript.language, ()), "")

    def early(self, partial: Transcript, conversation: Conversation) -> Plan | None:
        """Return what can be read of a prompt before its last word; None: it may not fit."""
        head = self._head(partial.language, self._history(conversation))
        plan = self._cache.early_plan(
            head, words_said(partial.text), words_said(partial.stable_prefix)
        )
        return plan if plan.length <= self._context - self._most_tokens else None

    def heads(
        self, latest: str, conversation: Conversation, answered: OpenTurn | None = None
    ) -> list[Sequence[ChatMessage]]:
        """Return what the next prompt will begin with: in the latest language, in the others.

        answered: a turn whose answer is written, and is presumed to be heard to its end.
        """
        if answered is None:
            history = self._history(conversation)
        else:
            history = conversation.presumed(self._recent, answered)
        others = [language for language in self._languages if language != latest]
        return [self._head(language, history) for language in (latest, *others)]

    def bare_heads(self) -> list[Sequence[ChatMessage]]:
        """Return what every prompt begins with, by language."""
        return [self._head(language, ()) for language in self._languages]

    def _head(self, language: str, exchanges: Sequence[Exchange]) -> Sequence[ChatMessage]:
        return messages(self._persona, language, exchanges, None)

    def _history(self, conversation: Conversation) -> Sequence[Exchange]:
        return conversation.history(self._recent)

    def _recent(self, exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
        """Return as much of the conversation as half the context holds."""

        def count(text: str) -> int:
            return self._count_tokens(text) + _TEMPLATE_TOKENS

        return recent(exchanges, count, self._context // 2)
