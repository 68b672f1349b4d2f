from __future__ import annotations

import numpy as np

from models.sound_windows import windows


def test_short_sound_is_one_window() -> None:
    """Nothing is cut that fits."""
    sound = np.ones(1_000, np.float32)
    assert [len(each) for each in windows(sound, 1_000)] == [1_000]


def test_windows_hold_all_samples_in_order() -> None:
    """However long the sound, no sample is lost or heard twice, and no window is too long."""
    sound = np.arange(1_000_000, dtype=np.float32)
    pieces = windows(sound, 160_000)
    np.testing.assert_array_equal(np.concatenate(pieces), sound)
    assert max(map(len, pieces)) <= 160_000


def test_cuts_in_the_pause() -> None:
    """With one pause in the last third of a window, the cut lies inside it."""
    sound = np.random.default_rng(1).standard_normal(300_000).astype(np.float32)
    sound[130_000:136_000] *= 0.01
    first, *_ = windows(sound, 160_000)
    assert 130_000 < len(first) < 136_000


def test_cuts_windows_shorter_than_a_pause() -> None:
    """A window too short to look for a pause is cut at its end."""
    assert [len(each) for each in windows(np.ones(2_500, np.float32), 1_000)] == [1_000, 1_000, 500]
