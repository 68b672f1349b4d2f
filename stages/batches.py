"""A prompt's tokens in, the batches in which they are read out. Pure.

llama.cpp rounds by the batch that a token is read in, and a sampled answer turns on roundings.
The batches are therefore a function of the tokens alone, never of when they became known:

    head, 16 by 16 | notes, 16 by 16 | the user's words, 4 by 4 | the last 1 to 4 and the tail

Four by four is two thirds of the work of one by one, and a word that is heard differently after
all costs no more than its neighbours. The last batch is what is left when an utterance ends.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

Batch: TypeAlias = tuple[int, ...]

HEAD_STEP: Final = 16
"""Short enough that a question never waits long for one that is read in idle time."""

WORD_STEP: Final = 4
"""Milliseconds of a batch of 1, 2, 4, 6, 8 and 16 tokens, LFM2-1.2B's shape on 2 cores without
VNNI: 43, 66, 102, 113, 173, 262. It is worked in rows of four."""


class PromptShape(Struct, frozen=True):
    """What stands around the user's words."""

    head: Batch
    """All tokens before the first word."""
    tail_tokens: int
    """Number of tokens behind the last word."""
    lasting: int = -1
    """How many of the head's tokens other prompts begin with, too; -1: all.

    The rest, as notes found for these words, is read in batches of its own: what was read of
    the head in quiet then stands.
    """


def prompt_shape(one: Sequence[int], other: Sequence[int]) -> PromptShape:
    """Return what two prompts that differ in the user's words alone have in common."""
    head = agreeing(one, other)
    room = min(len(one), len(other)) - head
    tail = min(room, agreeing(one[::-1], other[::-1]))
    return PromptShape(tuple(one[:head]), tail)


def agreeing(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens both begin with."""
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))


def head_batches(tokens: Sequence[int]) -> tuple[Batch, ...]:
    """Return the batches of a head; all but the last hold HEAD_STEP tokens."""
    return _cut(tokens, [*range(0, len(tokens), HEAD_STEP), len(tokens)])


def prompt_batches(tokens: Sequence[int], around: PromptShape) -> tuple[Batch, ...]:
    """Return the batches of a whole prompt; what is drawn is drawn behind the last one."""
    head = min(len(around.head), max(0, len(tokens) - 1))
    ends = max(head + 1, len(tokens) - around.tail_tokens)
    last = head + (ends - head - 1) // WORD_STEP * WORD_STEP
    words = _cut(tokens, range(head, last + 1, WORD_STEP))
    return (*_before_words(tokens[:head], around), *words, tuple(tokens[last:]))


def early_batches(tokens: Sequence[int], around: PromptShape, certain: int) -> tuple[Batch, ...]:
    """Return the batches that prompts have in common which begin as `tokens` do.

    certain: how many tokens; what may follow is not known yet.
    """
    head = len(around.head)
    words = _cut(tokens, range(head, max(head, certain) + 1, WORD_STEP))
    return (*_before_words(tokens[:head], around), *words)


def _before_words(tokens: Sequence[int], around: PromptShape) -> tuple[Batch, ...]:
    lasting = len(tokens) if around.lasting < 0 else around.lasting
    return (*head_batches(tokens[:lasting]), *head_batches(tokens[lasting:]))


def _cut(tokens: Sequence[int], places: Sequence[int]) -> tuple[Batch, ...]:
    return tuple(tuple(tokens[start:end]) for start, end in pairwise(places) if end > start)
