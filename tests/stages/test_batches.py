from __future__ import annotations

import pytest

from stages.batches import (
    HEAD_STEP,
    PromptShape,
    agreeing,
    early_batches,
    head_batches,
    prompt_batches,
    prompt_shape,
)

HEAD = list(range(100, 137))
TAIL = [1, 2, 3, 4, 5]
SHAPE = PromptShape(tuple(HEAD), len(TAIL))


def prompt(words: list[int]) -> list[int]:
    return [*HEAD, *words, *TAIL]


def test_the_surroundings_of_the_words_are_what_two_prompts_share() -> None:
    """Whatever the template is."""
    assert prompt_shape(prompt([7]), prompt([8, 9])) == SHAPE


def test_words_that_begin_alike_leave_something_between_head_and_tail() -> None:
    """Nothing is counted twice."""
    shape = prompt_shape([1, 2, 2], [1, 2, 2, 2])
    assert len(shape.head) + shape.tail_tokens <= 3


@pytest.mark.parametrize(
    ("words", "alone"), [([], []), ([7], []), ([7, 8], []), ([7, 8, 9], [7]), ([7] * 9, [7] * 7)]
)
def test_a_prompt_is_read_head_words_and_end(words: list[int], alone: list[int]) -> None:
    """Whole batches of the head, words one by one, the last two with the template's tail."""
    batches = prompt_batches(prompt(words), SHAPE)
    assert [token for batch in batches for token in batch] == prompt(words)
    assert [len(batch) for batch in batches[:3]] == [HEAD_STEP, HEAD_STEP, 5]
    assert batches[3:-1] == tuple((word,) for word in alone)
    assert batches[-1] == (*words[len(alone) :], *TAIL)


def test_a_long_tail_takes_one_token_of_the_words() -> None:
    """Whatever is read early, something is left behind which the answer can be drawn."""
    tokens = [*HEAD, 7, 8, *range(1, 10)]
    assert prompt_batches(tokens, PromptShape(tuple(HEAD), 9))[-1] == (8, *range(1, 10))


def test_what_is_read_early_is_part_of_every_prompt_that_goes_on() -> None:
    """By two tokens or more: these are read with the tail."""
    early = early_batches(prompt([7, 8, 9, 10]), SHAPE, len(HEAD) + 3)
    assert early[3:] == ((7,), (8,), (9,))
    for further in ([11, 12], [11, 12, 13], [11] * 20):
        assert prompt_batches(prompt([7, 8, 9, *further]), SHAPE)[: len(early)] == early


def test_nothing_certain_is_the_head_alone() -> None:
    """It is worth reading before the first word."""
    assert early_batches(prompt([7]), SHAPE, 0) == head_batches(HEAD)


def test_a_longer_head_begins_with_the_whole_batches_of_a_shorter_one() -> None:
    """A conversation that grows is not read again."""
    assert head_batches([*HEAD, *range(40)])[:2] == head_batches(HEAD)[:2]


@pytest.mark.parametrize(
    ("one", "other", "alike"), [([], [1], 0), ([1, 2], [1, 2, 3], 2), ([1, 2], [1, 3], 1)]
)
def test_tokens_agree_up_to_the_first_that_differs(
    one: list[int], other: list[int], alike: int
) -> None:
    """The shorter one's end counts as its last agreement."""
    assert agreeing(one, other) == alike
