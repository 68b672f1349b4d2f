from __future__ import annotations

import numpy as np
import pytest

from stages.card_clock import CardClock

BLOCK = 320
SECOND_BLOCKS = 50


def test_a_late_start_is_silence() -> None:
    """Sound that the card did not bring is missing; what it had from before is too much."""
    assert CardClock(1_000, 16_000).place(1_480, BLOCK) == 480
    assert CardClock(1_000, 16_000).place(900, BLOCK) == -100


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_jitter_is_no_loss(rate: int) -> None:
    """Blocks whose capture time is known to 25 ms only are left alone, at any rate."""
    draw = np.random.default_rng(1)
    card = CardClock(0, rate)
    frames = rate // 50
    for block in range(20 * SECOND_BLOCKS):
        jitter = int(draw.integers(-400, 400)) if block else 0
        assert card.place(block * BLOCK + jitter, frames) == 0


@pytest.mark.parametrize("parts_per_million", [-300, -50, 50, 300])
def test_a_crystal_that_is_off_is_followed_for_a_day(parts_per_million: int) -> None:
    """The clock is never off by more than 35 ms, however long the daemon listens."""
    card = CardClock(0, 16_000)
    brought = 0
    for block in range(24 * 3_600 * SECOND_BLOCKS // 20):  # 1 in 20 blocks, as long ones
        frames = 20 * BLOCK
        captured = round(block * frames * (1 + parts_per_million / 1e6))
        brought += card.place(captured, frames)
        assert abs(captured - brought) < 35 * 16 + 50 * frames * abs(parts_per_million) / 1e6
        brought += frames


def test_lost_sound_is_made_up_within_a_second() -> None:
    """After a gap of 200 ms just so much silence is asked for, once."""
    card = CardClock(0, 16_000)
    corrections = [
        card.place(block * BLOCK + (3_200 if block >= 100 else 0), BLOCK) for block in range(300)
    ]
    assert [c for c in corrections if c] == [3_200]
    assert corrections.index(3_200) - 100 <= SECOND_BLOCKS


def test_what_the_reader_lost_is_not_lost_twice() -> None:
    """Silence that was put in already is not asked for again."""
    card = CardClock(0, 16_000)
    for block in range(100):
        assert card.place(block * BLOCK, BLOCK) == 0
    card.lost(10 * BLOCK)
    for block in range(110, 300):
        assert card.place(block * BLOCK, BLOCK) == 0


def test_a_machine_that_stood_still_is_made_up_in_steps() -> None:
    """An hour's gap does not become an hour of silence at once."""
    card = CardClock(0, 16_000)
    card.place(0, BLOCK)
    hour = 3_600 * 16_000
    corrections = [card.place(hour + block * BLOCK, BLOCK) for block in range(1, 200)]
    assert max(corrections) == 10 * 16_000
