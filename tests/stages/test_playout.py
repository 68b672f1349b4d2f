from __future__ import annotations

import numpy as np
import pytest

from models.protocols import Int16Array
from stages.playout import Playout

RATE = 48_000


def _ones(length: int, value: int = 1_000) -> Int16Array:
    return np.full(length, value, np.int16)


def test_nothing_was_heard_before_it_sounds() -> None:
    """Sound handed to the device counts only once its moment has come."""
    playout = Playout(RATE)
    playout.begin()
    playout.play(_ones(4_800), RATE)
    playout.pull(960, clock_sample=1_000)
    early = playout.heard(900)
    assert (early.samples, early.first_clock_sample, early.clock_sample) == (0, None, 900)
    assert early.queued_samples == 1_600
    later = playout.heard(1_100)
    assert (later.samples, later.first_clock_sample, later.clock_sample) == (100, 1_000, 1_100)
    assert later.queued_samples == 1_500


def test_a_gap_between_two_pieces_is_not_heard() -> None:
    """While nothing is there to play, the answer does not go on, though the clock does."""
    playout = Playout(RATE)
    playout.begin()
    playout.play(_ones(480), RATE)
    assert np.count_nonzero(playout.pull(960, clock_sample=0)) == 480
    assert not playout.pull(960, clock_sample=320).any()
    gap = playout.heard(400)
    assert (gap.samples, gap.clock_sample, gap.queued_samples) == (160, 160, 0)
    playout.play(_ones(480), RATE)
    playout.pull(480, clock_sample=640)
    heard = playout.heard(10_000)
    assert (heard.samples, heard.clock_sample, heard.first_clock_sample) == (320, 800, 0)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
def test_sound_of_any_rate_is_counted_in_time(rate: int) -> None:
    """A second at any rate is 16,000 samples of the capture clock, once it is finished."""
    playout = Playout(RATE)
    playout.begin()
    for _ in range(10):
        playout.play(_ones(rate // 10), rate)
    playout.finish()
    assert len(np.flatnonzero(playout.pull(2 * RATE, clock_sample=0))) > 0.99 * RATE
    assert playout.heard(100_000).samples == 16_000


def test_the_rate_may_change_between_clauses() -> None:
    """Another voice with another rate follows without loss."""
    playout = Playout(RATE)
    playout.begin()
    playout.play(_ones(2_205), 22_050)
    playout.play(_ones(2_400), 24_000)
    playout.finish()
    playout.pull(RATE, clock_sample=0)
    assert playout.heard(100_000).samples == 3_200


def test_stop_fades_and_drops_the_rest() -> None:
    """After a stop 8 ms are still heard, softer and softer, and then nothing."""
    playout = Playout(RATE)
    playout.begin()
    playout.play(_ones(RATE), RATE)
    playout.pull(960, clock_sample=0)
    playout.stop()
    fade = playout.pull(960, clock_sample=320).astype(int)
    assert fade[0] == 1_000
    assert np.all(np.diff(fade) <= 0)
    assert not fade[384:].any()
    assert not playout.pull(960, clock_sample=640).any()
    assert playout.heard(10_000).samples == 320 + 128


def test_ducking_is_smooth_and_ends_with_the_answer() -> None:
    """A gain changes within 8 ms without a step, and the next answer is loud again."""
    playout = Playout(RATE)
    playout.begin()
    playout.play(_ones(RATE), RATE)
    playout.pull(960, clock_sample=0)
    playout.duck(0.25, 8)
    ducked = playout.pull(960, clock_sample=320).astype(int)
    assert ducked[0] == 1_000
    assert np.abs(np.diff(ducked)).max() <= 3
    assert np.all(ducked[384:] == 250)
    playout.begin()
    playout.play(_ones(960), RATE)
    assert np.all(playout.pull(960, clock_sample=640) == 1_000)


def test_begin_drops_what_was_queued() -> None:
    """A new answer starts from nothing, even within the resampler."""
    playout = Playout(RATE)
    playout.begin()
    playout.play(_ones(22_050), 22_050)
    playout.begin()
    assert playout.heard(0).queued_samples == 0
    playout.finish()
    assert not playout.pull(960, clock_sample=0).any()


def test_a_gain_moves_evenly_over_many_blocks() -> None:
    """A ramp longer than a block goes on in the next ones, and back from where it is."""
    playout = Playout(RATE)
    playout.begin()
    playout.play(_ones(RATE, 10_000), RATE)
    playout.duck(0.25, 40)
    down = np.concatenate([playout.pull(480, clock_sample=0) for _ in range(5)]).astype(int)
    assert down[0] == 10_000
    assert np.all(np.diff(down) <= 0)
    assert np.abs(np.diff(down)).max() <= 5
    assert down[959] == pytest.approx(6_250, abs=10)
    assert np.all(down[1_920:] == 2_500)
    playout.duck(1.0, 40)
    half = playout.pull(960, clock_sample=0).astype(int)
    playout.duck(0.25, 20)
    again = playout.pull(1_920, clock_sample=0).astype(int)
    assert half[-1] == pytest.approx(6_250, abs=10)
    assert again[0] == pytest.approx(6_250, abs=10)
    assert np.all(again[961:] == 2_500)


def test_without_a_ramp_sound_begins_soft() -> None:
    """An answer that begins while somebody speaks is never loud."""
    playout = Playout(RATE)
    playout.begin()
    playout.duck(0.25, 0)
    playout.play(_ones(960), RATE)
    assert np.all(playout.pull(960, clock_sample=0) == 250)
