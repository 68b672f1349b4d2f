from __future__ import annotations

import pytest

from stages.batches import (
    HEAD_STEP,
    WORD_STEP,
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
    ("words", "before"), [(0, 0), (1, 0), (4, 0), (5, 1), (8, 1), (9, 2), (13, 3)]
)
def test_a_prompt_is_read_head_words_and_end(words: int, before: int) -> None:
    """Whole batches of the head and of the words; the last words with the template's tail."""
    said = [7] * words
    batches = prompt_batches(prompt(said), SHAPE)
    assert [token for batch in batches for token in batch] == prompt(said)
    assert [len(batch) for batch in batches[:3]] == [HEAD_STEP, HEAD_STEP, 5]
    assert batches[3:-1] == ((7,) * WORD_STEP,) * before
    assert batches[-1] == (*said[before * WORD_STEP :], *TAIL)


def test_a_tail_of_any_length_takes_words_with_it() -> None:
    """Whatever is read early, something is left behind which the answer can be drawn."""
    tokens = [*HEAD, 7, 8, *range(1, 10)]
    assert prompt_batches(tokens, PromptShape(tuple(HEAD), 9))[-1] == (7, 8, *range(1, 10))


def test_what_is_read_early_is_part_of_every_prompt_that_goes_on() -> None:
    """What does not fill a batch waits for more words, or for the tail."""
    said = [7, 8, 9, 10, 11]
    early = early_batches(prompt([*said, 12]), SHAPE, len(HEAD) + 5)
    assert early[3:] == ((7, 8, 9, 10),)
    for further in ([], [11, 12, 13], [11] * 20):
        assert prompt_batches(prompt([*said, *further]), SHAPE)[: len(early)] == early


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
