import pytest

from supervisor.ladder import Ladder


@pytest.fixture
def ladder() -> Ladder:
    return Ladder(budget_ms=100, rungs=2)


def fed(ladder: Ladder, *turns_ms: float) -> list[int]:
    """Return the rung after each turn."""
    rungs = []
    for took_ms in turns_ms:
        ladder.feed(took_ms)
        rungs.append(ladder.rung)
    return rungs


def test_one_slow_turn_is_an_accident(ladder: Ladder) -> None:
    """It is counted, and nothing follows."""
    assert fed(ladder, 50, 500, 50, 50, 500, 50, 50) == [0] * 7
    assert ladder.breaches == 2


def test_within_three_turns_a_slow_stage_goes_one_rung_down(ladder: Ladder) -> None:
    """Two of three turns over the budget are enough."""
    assert fed(ladder, 150, 50, 150) == [0, 0, 1]


def test_it_goes_no_further_than_the_last_rung(ladder: Ladder) -> None:
    """What is slow on the last rung stays there."""
    assert fed(ladder, *[150] * 8) == [0, 1, 1, 2, 2, 2, 2, 2]


def test_headroom_moves_it_up_again(ladder: Ladder) -> None:
    """Five quick turns in a row; one that is merely within the budget begins the count anew."""
    assert fed(ladder, 150, 150, 40, 40, 40, 40, 90) == [0, 1, 1, 1, 1, 1, 1]
    assert fed(ladder, 40, 40, 40, 40, 40) == [1, 1, 1, 1, 0]


def test_a_way_up_that_failed_takes_twice_as_long(ladder: Ladder) -> None:
    """The stage does not swing between two rungs."""
    fed(ladder, 150, 150, *[40] * 5)
    assert fed(ladder, 150, 150) == [0, 1]
    assert fed(ladder, *[40] * 9) == [1] * 9
    assert fed(ladder, 40) == [0]


def test_a_way_up_that_held_is_forgotten(ladder: Ladder) -> None:
    """After as many quick turns on the upper rung the next fall is like the first."""
    fed(ladder, 150, 150, *[40] * 5, *[40] * 5)
    assert fed(ladder, 150, 150, *[40] * 5) == [0, 1, 1, 1, 1, 1, 0]
