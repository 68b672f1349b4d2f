from __future__ import annotations

import numpy as np
import pytest

from stages.resampling import Resampler, to_float32, to_int16


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("length", [0, 1, 7, 1_000, 30_001])
def test_chunks_come_out_whole_and_aligned(rate: int, length: int) -> None:
    """Whatever the chunks, n samples become n * 16,000 / rate, each at its own time."""
    tone = (np.sin(2 * np.pi * 300 * np.arange(length) / rate) / 2).astype(np.float32)
    resampler = Resampler(rate)
    parts = [resampler.push(tone[at : at + 441]) for at in range(0, length, 441)]
    heard = np.concatenate([*parts, resampler.flush()])
    assert len(heard) == round(length * 16_000 / rate)
    expected = np.sin(2 * np.pi * 300 * np.arange(len(heard)) / 16_000) / 2
    inner = slice(400, len(heard) - 400)
    assert np.abs(heard - expected)[inner].max(initial=0) < 1e-4


def test_a_flushed_resampler_starts_anew() -> None:
    """The next sound is not influenced by the one before it."""
    tone = np.sin(np.arange(5_000)).astype(np.float32)
    resampler = Resampler(22_050)
    first = np.concatenate([resampler.push(tone), resampler.flush()])
    second = np.concatenate([resampler.push(tone), resampler.flush()])
    assert np.array_equal(first, second)


def test_a_strided_view_is_heard_right() -> None:
    """One channel of several, which is no contiguous memory, gives the same sound."""
    frames = np.random.default_rng(0).uniform(-1, 1, (4_000, 2)).astype(np.float32)
    one, other = Resampler(48_000), Resampler(48_000)
    assert np.array_equal(one.push(frames[:, 1]), other.push(frames[:, 1].copy()))


def test_int16_survives_the_way_through_float() -> None:
    """Every sample value comes back as it was."""
    every = np.arange(-32_768, 32_768).astype(np.int16)
    assert np.array_equal(to_int16(to_float32(every)), every)


def test_bad_and_loud_samples_have_an_int16() -> None:
    """NaN and infinities are silence, what is too loud is clipped."""
    samples = np.array([np.nan, np.inf, -np.inf, 2.0, -2.0], np.float32)
    assert to_int16(samples).tolist() == [0, 0, 0, 32_767, -32_768]
