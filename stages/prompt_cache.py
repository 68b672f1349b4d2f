"""What the language model has read already: prompts in, only their new batches read."""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from models.protocols import ChatMessage
from stages.batches import (
    HEAD_STEP,
    PromptShape,
    agreeing,
    early_batches,
    head_batches,
    prompt_batches,
    prompt_shape,
)
from stages.prompt_line import PromptLine, Snapshot, reach
from stages.question import Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.protocols import LanguageModel
    from models.state_files import StateFiles
    from stages.batches import Batch

_SHAPES_KEPT: Final = 16

_MARKED_BATCHES: Final = 8
"""Of a head's last batches: an answer that is cut off is read again from where it was cut."""

_NO_QUESTION: Final = Question("")


class Plan(Struct, frozen=True):
    """A prompt, or the beginning of one, in the batches in which it is read."""

    batches: tuple[Batch, ...]
    head: int
    """How many of them are the head."""
    whole: bool
    """An answer is drawn behind the last one."""

    @property
    def length(self) -> int:
        """Tokens in all."""
        return sum(map(len, self.batches))


class PromptCache:
    """One model's state, brought to where prompts want it.

    A prompt is continued from the furthest place at hand that was read in the same batches: in
    the model itself, cut back, or in one of the snapshots that are kept of prompt heads. Permanent
    ones are kept in `files` from one start to the next, others in `legacy`, for a successor.
    """

    def __init__(
        self, model: LanguageModel, files: StateFiles, legacy: StateFiles | None = None
    ) -> None:
        self._model = model
        self._files = files
        self._legacy = legacy
        self._line = PromptLine(model)
        self._kept: list[Snapshot] = []
        self._recent: list[Snapshot] = []
        self._wanted: deque[tuple[Plan, bool]] = deque()
        self._likeliest: tuple[Batch, ...] = ()
        self._shapes: dict[tuple[tuple[ChatMessage, ...], str, str], PromptShape] = {}

    def plan(self, head: Sequence[ChatMessage], question: Question) -> Plan:
        """Return how the prompt of `head` and the user's `question` is read."""
        batches = prompt_batches(self._prompt(head, question), self._around(head, question))
        return Plan(batches, self._head_batches(head), whole=True)

    def early_plan(self, head: Sequence[ChatMessage], question: Question, certain: str) -> Plan:
        """Return how much of a prompt can be read before the last word has come.

        certain: the words that will hardly change; of the others all but the last are worth it.
        Tokens are compared, not texts: what follows a word may share a token with it.
        """
        around = self._around(head, question)
        tokens = self._prompt(head, question)
        without_last = " ".join(question.words.split()[:-1])
        known = max(
            agreeing(tokens, self._prompt(head, question.saying(beginning)))
            for beginning in (certain, without_last)
        )
        known = min(known, len(tokens) - around.tail_tokens)
        batches = early_batches(tokens, around, known)
        return Plan(batches, self._head_batches(head), whole=False)

    def keep(self, head: Sequence[ChatMessage]) -> None:
        """Have `head` at hand for ever: from the last start, or read when it is warmed.

        Only its whole batches: others begin with the same ones.
        """
        tokens = self._around(head).head
        tokens = tokens[: len(tokens) // HEAD_STEP * HEAD_STEP]
        known = self._files.load(tokens)
        if known is None:
            batches = head_batches(tokens)
            self._wanted.append((Plan(batches, len(batches), whole=False), True))
        else:
            self._kept.append(Snapshot(head_batches(tokens), known, {}))

    def want(self, heads: Sequence[Sequence[ChatMessage]]) -> None:
        """Have `heads` read in idle time, the likeliest first, in place of those wanted before."""
        self._wanted = deque(entry for entry in self._wanted if entry[1])
        self._recent = self._recent[-len(heads) :]
        at_hand = {snapshot.batches for snapshot in self._recent}
        wanted = [head_batches(self._around(head).head) for head in heads]
        self._likeliest = wanted[0]
        for batches in wanted:
            if batches not in at_hand:
                self._wanted.append((Plan(batches, len(batches), whole=False), False))

    @property
    def cold(self) -> bool:
        """Return whether a wanted head has not been read yet."""
        return bool(self._wanted)

    @property
    def lacks_likeliest(self) -> bool:
        """Return whether the head that the next prompt most likely has was not read yet."""
        return bool(self._wanted) and self._wanted[0][0].batches == self._likeliest

    def warm(self) -> None:
        """Read a batch of what is wanted, or keep what was read."""
        if self._wanted and not self.advance(self._wanted[0][0]):
            plan, keep = self._wanted.popleft()
            self._remember(plan, keep=keep)

    def reach(self, plan: Plan) -> int:
        """Return how many of the plan's batches need not be read."""
        kept = (reach(snapshot, plan.batches) for snapshot in chain(self._kept, self._recent))
        return max(self._line.reach(plan.batches), max(kept, default=0))

    def advance(self, plan: Plan) -> bool:
        """Read the first batch of `plan` that was not read yet; return whether there was one."""
        if self.reach(plan) == len(plan.batches):
            return False
        for _ in self.read(plan):
            return True
        return False

    def read(self, plan: Plan, said: str = "") -> Iterator[None]:
        """Bring the model to the end of `plan`, and of what it `said` of the answer already."""
        at = self._go_to(plan)
        answered = self._model.tokenize(said) if said else []
        for count, batch in enumerate(plan.batches[at:], at + 1):
            draws = plan.whole and count == len(plan.batches)
            for _ in self._model.read(batch, more=not draws or bool(answered)):
                pass
            self._line.add(batch, mark=count >= plan.head - _MARKED_BATCHES and not draws)
            yield
        if plan.whole:
            self._line.draw()
        if answered:
            yield from self._model.read(answered)

    def park(self) -> Snapshot:
        """Return the state in the midst of an answer."""
        return self._line.snapshot()

    def unpark(self, parked: Snapshot) -> None:
        """Go back into the midst of an answer."""
        self._line.put_back(parked, drawn_from=True)

    def shed(self) -> None:
        """Drop the snapshots that are not permanent."""
        self._recent.clear()

    def forget(self) -> None:
        """Drop all that was said: in snapshots, in the model, in what is left to a successor."""
        self._recent.clear()
        self._wanted = deque(entry for entry in self._wanted if entry[1])
        self._shapes.clear()
        self._likeliest = ()
        self._line.cut_back(())
        if self._legacy is not None:
            self._legacy.clear()

    def _go_to(self, plan: Plan) -> int:
        """Go to the furthest place at hand in `plan`; return how many batches are before it."""
        if self._legacy is not None and self.reach(plan) < plan.head:
            self._inherit(plan.batches[: plan.head], self._legacy)
        snapshots = [*self._kept, *self._recent]
        best = max(snapshots, key=lambda kept: reach(kept, plan.batches), default=None)
        if best is not None and reach(best, plan.batches) > self._line.reach(plan.batches):
            self._line.put_back(best)
        return self._line.cut_back(plan.batches)

    def _inherit(self, head: tuple[Batch, ...], legacy: StateFiles) -> None:
        """Take up a head that a predecessor has read."""
        state = legacy.load([token for batch in head for token in batch])
        if state is not None:
            self._recent.append(Snapshot(head, state, {}))

    def _remember(self, plan: Plan, *, keep: bool) -> None:
        if self._go_to(plan) < len(plan.batches):
            return
        snapshot = self._line.snapshot()
        if keep:
            self._kept.append(snapshot)
            self._files.save(snapshot.state)
            return
        self._recent = [old for old in self._recent if not _is_begun_by(old, snapshot)]
        self._recent.append(snapshot)
        if self._legacy is not None:
            self._legacy.save(snapshot.state)

    def _around(
        self, head: Sequence[ChatMessage], question: Question = _NO_QUESTION
    ) -> PromptShape:
        key = (tuple(head), question.before, question.after)
        known = self._shapes.get(key)
        if known is None:
            one, other = (self._prompt(head, question.saying(word)) for word in ("one", "two"))
            known = prompt_shape(one, other)
            if question.before:
                lasting = agreeing(known.head, self._around(head).head)
                known = PromptShape(known.head, known.tail_tokens, lasting)
            self._shapes[key] = known
            if len(self._shapes) > _SHAPES_KEPT:
                del self._shapes[next(iter(self._shapes))]
        return known

    def _head_batches(self, head: Sequence[ChatMessage]) -> int:
        return len(head_batches(self._around(head).head))

    def _prompt(self, head: Sequence[ChatMessage], question: Question) -> list[int]:
        prompt = [*head, ChatMessage("user", question.content)]
        return self._model.tokenize(self._model.render(prompt, answer=True))


def _is_begun_by(old: Snapshot, new: Snapshot) -> bool:
    """Return whether `new` has all that `old` has but its last, unfinished batch."""
    whole = old.batches[:-1]
    return new.batches[: len(whole)] == whole
