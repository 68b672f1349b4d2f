"""Transcripts and a conversation in, how their prompts are read out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stages.prompt import Past, head, question, recent, words_said
from stages.question import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bus.frames import Transcript
    from config.settings import Settings
    from models.protocols import ChatMessage
    from stages.conversation import Conversation, OpenTurn
    from stages.persona import Persona
    from stages.prompt import Exchange
    from stages.prompt_cache import Plan, PromptCache

_TEMPLATE_TOKENS: Final = 6
"""What a chat template puts around a message, about."""

_WORDS_TOKENS: Final = 64
"""Kept free for what is said now: thirty words in either language."""


class Prompts:
    """Composes what the language model reads, each part within its budget of tokens.

    count_tokens: of a text. notes: lines found for a transcript's words; None where none are
    looked for. mood: words for how its speaker sounds.
    """

    def __init__(
        self,
        settings: Settings,
        persona: Persona,
        cache: PromptCache,
        count_tokens: Callable[[str], int],
        *,
        notes: Callable[[Transcript], Sequence[str] | None] = lambda _transcript: None,
        mood: Callable[[Transcript], Sequence[str]] = lambda _transcript: (),
    ) -> None:
        self._languages = settings.daemon.languages
        self._context = settings.thinker.context_tokens
        self._most_tokens = min(settings.thinker.most_tokens, self._context // 4)
        self._persona = persona
        self._cache = cache
        self._count_tokens = count_tokens
        self._notes_tokens = settings.memory.passage_tokens if settings.memory.look_up else 0
        self._history_tokens: int | None = None
        self._notes = notes
        self._mood = mood

    def whole(self, transcript: Transcript, conversation: Conversation) -> Plan:
        """Return the prompt; the history gives way to words that fill the context."""
        language = transcript.language
        asked = self._question(transcript, self._mood(transcript))
        for past in (self._past(conversation), Past()):
            plan = self._cache.plan(head(self._persona, language, past), asked)
            if plan.length <= self._context - self._most_tokens:
                return plan
        # Nobody speaks so long; what a broken recogniser wrote is not worth a dead process.
        return self._cache.plan(head(self._persona, language), Question(""))

    def early(self, partial: Transcript, conversation: Conversation) -> Plan | None:
        """Return what can be read of a prompt before its last word; None: it may not fit.

        Nothing, too, of what will be translated first.
        Notes are looked up for the words that were heard: mostly they are those of the whole.
        """
        if partial.language not in self._languages:
            return None
        begun = head(self._persona, partial.language, self._past(conversation))
        plan = self._cache.early_plan(
            begun, self._question(partial), words_said(partial.stable_prefix)
        )
        return plan if plan.length <= self._context - self._most_tokens else None

    def heads(
        self, latest: str, conversation: Conversation, answered: OpenTurn | None = None
    ) -> list[Sequence[ChatMessage]]:
        """Return what the next prompt will begin with: in the latest language, in the others.

        answered: a turn whose answer is written, and is presumed to be heard to its end.
        """
        if answered is None:
            past = self._past(conversation)
        else:
            past = conversation.presumed(self._recent, answered)
        others = [language for language in self._languages if language != latest]
        return [head(self._persona, language, past) for language in (latest, *others)]

    def bare_heads(self) -> list[Sequence[ChatMessage]]:
        """Return what every prompt begins with, by language."""
        return [head(self._persona, language) for language in self._languages]

    def beyond(self, conversation: Conversation) -> Sequence[Exchange]:
        """Return the oldest exchanges, for which there is no room in a prompt any more."""
        kept = len(self._past(conversation).exchanges)
        return conversation.exchanges[: len(conversation.exchanges) - kept]

    def summing_up(self, conversation: Conversation, exchanges: Sequence[Exchange]) -> Plan:
        """Return the prompt that asks for the sum of `exchanges` and of what was summed before."""
        language = conversation.language or self._languages[0]
        past = Past(tuple(self._recent(exchanges)), conversation.summary)
        wish = self._persona.wording(language).summarise
        return self._cache.plan(head(self._persona, language, past), Question(wish))

    def _question(self, transcript: Transcript, mood: Sequence[str] = ()) -> Question:
        notes = self._notes(transcript)
        return question(self._persona, transcript.language, transcript.text, notes, mood)

    def _past(self, conversation: Conversation) -> Past:
        return conversation.past(self._recent)

    def _recent(self, exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
        """Return as much of the conversation as there is room for."""

        def count(text: str) -> int:
            return self._count_tokens(text) + _TEMPLATE_TOKENS

        return recent(exchanges, count, self._budget())

    def _budget(self) -> int:
        """Return the tokens of the history: half the context, or what all else leaves of it."""
        if self._history_tokens is None:
            heads = max(
                sum(self._count_tokens(each.content) + _TEMPLATE_TOKENS for each in begun)
                for begun in self.bare_heads()
            )
            others = heads + self._notes_tokens + _WORDS_TOKENS + self._most_tokens
            self._history_tokens = max(0, min(self._context // 2, self._context - others))
        return self._history_tokens
