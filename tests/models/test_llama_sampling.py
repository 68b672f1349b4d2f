from __future__ import annotations

import msgspec
import numpy as np
import pytest

from models.llama_sampling import Sampler
from models.protocols import Sampling
from tests.models.language_files import sampling

PLAIN = msgspec.structs.replace(sampling(), top_p=1.0, min_p=0.0, repeat_penalty=1.0, temperature=1)


def _shares(wanted: Sampling, probabilities: list[float], draws: int = 2_000) -> list[float]:
    logits = np.log(np.array(probabilities, np.float32))
    sampler = Sampler(wanted)
    drawn = [sampler.choose(logits, [0] * position) for position in range(draws)]
    return list(np.bincount(drawn, minlength=len(probabilities)) / draws)


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    """Whatever their order."""
    assert _shares(PLAIN, [0.1, 0.6, 0.3]) == pytest.approx([0.1, 0.6, 0.3], abs=0.04)


def test_without_temperature_the_likeliest_is_taken() -> None:
    """Always."""
    cold = msgspec.structs.replace(PLAIN, temperature=0.0)
    assert _shares(cold, [0.4, 0.6], 50) == [0, 1]


def test_a_low_temperature_sharpens() -> None:
    """Half the temperature squares the odds."""
    cool = msgspec.structs.replace(PLAIN, temperature=0.5)
    assert _shares(cool, [0.25, 0.75]) == pytest.approx([0.1, 0.9], abs=0.03)


def test_top_p_keeps_the_fewest_that_hold_it() -> None:
    """The one that reaches the share belongs to them."""
    nucleus = msgspec.structs.replace(PLAIN, top_p=0.7)
    assert _shares(nucleus, [0.5, 0.3, 0.2])[2] == 0
    assert _shares(nucleus, [0.5, 0.3, 0.2])[1] > 0.2


def test_min_p_is_a_share_of_the_best() -> None:
    """A fifth of the best is cut by 0.3, not by 0.1."""
    assert _shares(msgspec.structs.replace(PLAIN, min_p=0.3), [0.8, 0.16, 0.04])[1:] == [0, 0]
    assert _shares(msgspec.structs.replace(PLAIN, min_p=0.1), [0.8, 0.16, 0.04])[1] > 0


@pytest.mark.parametrize(
    ("recent", "chosen"), [([], 0), ([0], 1), ([0] + [2] * 64, 0), ([0, 1], 0)]
)
def test_what_was_just_said_is_less_likely(recent: list[int], chosen: int) -> None:
    """Within the window only."""
    wanted = msgspec.structs.replace(PLAIN, temperature=0.0, repeat_penalty=1.5)
    logits = np.array([2.0, 1.9, -5.0], np.float32)
    assert Sampler(wanted).choose(logits, recent) == chosen


def test_the_end_of_an_answer_is_never_penalised() -> None:
    """Every earlier message ends with it."""
    wanted = msgspec.structs.replace(PLAIN, temperature=0.0, repeat_penalty=1.5)
    logits = np.array([2.0, 1.9], np.float32)
    assert Sampler(wanted, frozenset({0})).choose(logits, [0]) == 0


def test_a_draw_depends_on_seed_and_position_only() -> None:
    """Not on the draws before it, so that a successor goes on as its predecessor would have."""
    logits = np.random.default_rng(1).standard_normal(65_536).astype(np.float32)
    used, fresh = Sampler(PLAIN), Sampler(PLAIN)
    tokens = list(range(40))
    sequence = [used.choose(logits, tokens[:length]) for length in range(40)]
    assert fresh.choose(logits, tokens[:30]) == sequence[30]
    assert len(set(sequence)) > 10
