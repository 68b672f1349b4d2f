"""What is being said in, as much of its prompt as is certain read while it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.foresight import Foresight

if TYPE_CHECKING:
    from collections.abc import Callable

    from bus.frames import AnyFrame, Transcript
    from stages.conversation import Conversation
    from stages.prompt_cache import Plan, PromptCache
    from stages.prompts import Prompts


class ReadingAhead:
    """Reads the prompt to come.

    conversation: returns that of a session.
    """

    def __init__(self, conversation: Callable[[str], Conversation]) -> None:
        self._conversation = conversation
        self._foresight = Foresight()
        self._early: tuple[Transcript, Plan | None] | None = None
        """What is being read, and for which transcript."""

    def note(self, frame: AnyFrame) -> None:
        """Take notice of what concerns an utterance."""
        self._foresight.note(frame)

    @property
    def holds_still(self) -> bool:
        """Whether a candidate is on its way: both cores are wanted where it is made."""
        return self._foresight.holds_still

    @property
    def hears(self) -> bool:
        """Whether somebody speaks: what they say will want the model soon."""
        return self._foresight.hears

    def plan(self, prompts: Prompts) -> Plan | None:
        """Return what can be read of the prompt to come; None when no words are known.

        What was heard of an older turn belongs into the prompt, and must be known before.
        """
        latest = self._foresight.latest
        if latest is None:
            return None
        conversation = self._conversation(latest.session)
        if conversation.has_before(latest.turn):
            return None
        if self._early is None or self._early[0] is not latest:
            self._early = (latest, prompts.early(latest, conversation))
        return self._early[1]

    def may_read(self, plan: Plan, cache: PromptCache) -> bool:
        """Return whether something of `plan` is to be read now; its head must be in any case."""
        done = cache.reach(plan)
        until = plan.head if self.holds_still else len(plan.batches)
        return done < until
