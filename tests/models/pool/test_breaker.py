from __future__ import annotations

from models.pool.breaker import Breaker


def test_one_that_fails_in_a_row_is_left_alone() -> None:
    """After the pause one question is let through, which decides."""
    breaker = Breaker(failures=2, pause_s=60)
    breaker.failed(0)
    assert breaker.allows(1)
    breaker.failed(1)
    assert not breaker.allows(60)
    assert breaker.allows(61)
    assert not breaker.allows(62)
    breaker.failed(63)
    assert not breaker.allows(122)
    assert breaker.allows(123)
    breaker.succeeded()
    assert breaker.allows(124)
    assert breaker.allows(124)


def test_an_answer_makes_up_for_failures() -> None:
    """Only those in a row count."""
    breaker = Breaker(failures=2, pause_s=60)
    for now_s in range(5):
        breaker.failed(now_s)
        breaker.succeeded()
    assert breaker.allows(5)
