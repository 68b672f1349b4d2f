from __future__ import annotations

import numpy as np

from benchmarks.pauses import LONGEST_MS, SHORTEST_MS, gaps, hesitate, tone
from benchmarks.scenes import Sound, levels

RATE = 16_000


def _words(*lengths_ms: int) -> Sound:
    """Return noise bursts of these lengths with 200 ms of quiet noise around each."""
    draw = np.random.default_rng(3)
    parts = [draw.standard_normal(RATE // 5) * 1e-4]
    for length_ms in lengths_ms:
        parts.append(draw.standard_normal(RATE * length_ms // 1000) * 0.1)
        parts.append(draw.standard_normal(RATE // 5) * 1e-4)
    return np.concatenate(parts)


def test_gaps_are_the_quiet_places_between_words() -> None:
    """Neither before the first nor behind the last word, to 10 ms."""
    clip = _words(500, 500, 500)
    assert [(round(a / 160), round(b / 160)) for a, b in gaps(clip)] == [(70, 90), (140, 160)]


def test_a_pause_is_put_into_a_gap() -> None:
    """The clip grows by 300 to 700 ms of its own quiet, and nothing of it is lost."""
    clip = _words(500, 500)
    found = hesitate(clip, np.random.default_rng(0))
    assert found is not None
    length = found.end_sample - found.first_sample
    assert SHORTEST_MS * 16 <= length <= LONGEST_MS * 16
    pause = found.clip[found.first_sample : found.end_sample]
    assert levels(pause).max() < -70
    rest = np.concatenate([found.clip[: found.first_sample], found.clip[found.end_sample :]])
    np.testing.assert_array_equal(rest, clip)


def test_a_clip_without_gaps_is_left_alone() -> None:
    """One word has no place for a pause."""
    assert hesitate(_words(900), np.random.default_rng(0)) is None


def test_tone_has_the_length_asked_for() -> None:
    """However long the silence, it is as loud as the clip's own all along."""
    for length in (1, 999, 20_000):
        assert len(tone(_words(500), length, np.random.default_rng(0))) == length
    heard = levels(tone(_words(500), 16_000, np.random.default_rng(0)))
    assert -85 < heard.min() < heard.max() < -75
