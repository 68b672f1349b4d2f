from __future__ import annotations

import pytest

from models.windows import Window, windows


@pytest.mark.parametrize("frames", [1, 29, 30, 31, 89, 90, 91, 1000])
def test_windows_cover_every_frame_once(frames: int) -> None:
    """Windows follow each other without gap or overlap and read no frame that is not there.

    None is longer than the most, which bounds what the voice holds while it speaks.
    """
    made = list(windows(frames, first=30, most=120, context=12))
    assert [one.first for one in made] == [0, *(one.end for one in made[:-1])]
    assert made[-1].end == frames
    for one in made:
        assert one.end - one.first <= 120
        assert one.low == max(0, one.first - 12)
        assert one.high == min(frames, one.end + 12)


def test_windows_grow() -> None:
    """The first is short, each that follows twice as long, up to the most."""
    made = windows(500, first=30, most=120, context=0)
    assert [one.end - one.first for one in made] == [30, 60, 120, 120, 85, 85]


def test_a_short_rest_joins_the_window_before() -> None:
    """Never the first one, for which someone waits."""
    lengths = [
        [one.end - one.first for one in windows(frames, first=30, most=120, context=0)]
        for frames in (40, 91, 149, 150, 210)
    ]
    assert lengths == [[30, 10], [30, 61], [30, 119], [30, 60, 60], [30, 60, 120]]


def test_nothing_has_no_window() -> None:
    """No frames, no window; one frame, one window."""
    assert list(windows(0, first=30, most=120, context=12)) == []
    assert list(windows(1, first=30, most=120, context=12)) == [Window(0, 1, 0, 1)]
