"""A clip in, the same clip out with a pause of its own room's tone put in between two words."""

from __future__ import annotations

from typing import Final

import numpy as np
from msgspec import Struct

from benchmarks.scenes import LEVEL_SAMPLES, Sound, levels, room, speech_db, words
from bus.frames import SAMPLE_RATE

SHORTEST_MS: Final = 300
LONGEST_MS: Final = 700

_GAP_LEVELS: Final = 5
"""A gap between words is quiet for 50 ms at least; shorter ones are inside words."""

_FIRST_WORD_SAMPLES: Final = 35 * SAMPLE_RATE // 100
_LAST_WORD_SAMPLES: Final = 25 * SAMPLE_RATE // 100
_TONE_LEVELS: Final = 12
_TONE_BELOW_SPEECH_DB: Final = 30.0
_TONE_SWING_DB: Final = 8.0
_FADE_SAMPLES: Final = 320


class Hesitation(Struct, frozen=True):
    """A clip whose speaker stops to think."""

    clip: Sound
    first_sample: int
    """Where the pause begins in it."""
    end_sample: int


def hesitate(clip: Sound, draw: np.random.Generator) -> Hesitation | None:
    """Put 300 to 700 ms of the clip's room tone into one of its gaps; None: it has no gap."""
    places = gaps(clip)
    if not places:
        return None
    first, end = places[int(draw.integers(len(places)))]
    at = (first + end) // 2
    length = int(draw.integers(SHORTEST_MS, LONGEST_MS + 1)) * SAMPLE_RATE // 1000
    sound = np.concatenate([clip[:at], tone(clip, length, draw), clip[at:]])
    return Hesitation(sound, at, at + length)


def tone(clip: Sound, length: int, draw: np.random.Generator) -> Sound:
    """Return the clip's quietest 120 ms, looped with cross-fades; a like noise if it has none."""
    heard = levels(clip)
    means = np.convolve(heard, np.ones(_TONE_LEVELS) / _TONE_LEVELS, "valid")
    at = int(means.argmin())
    swing_db = float(heard[at : at + _TONE_LEVELS].max() - means[at])
    if means[at] > speech_db(clip) - _TONE_BELOW_SPEECH_DB or swing_db > _TONE_SWING_DB:
        return room(clip, length + length % 2, draw)[:length]
    piece = clip[at * LEVEL_SAMPLES : (at + _TONE_LEVELS) * LEVEL_SAMPLES]
    fade = np.ones(len(piece))
    fade[:_FADE_SAMPLES] = np.sqrt(np.linspace(0, 1, _FADE_SAMPLES))
    fade[-_FADE_SAMPLES:] = fade[:_FADE_SAMPLES][::-1]
    step = len(piece) - _FADE_SAMPLES
    looped = np.zeros(length + _FADE_SAMPLES + len(piece))
    for place in range(0, length + _FADE_SAMPLES, step):
        looped[place : place + len(piece)] += (piece - piece.mean()) * fade
    return looped[_FADE_SAMPLES : _FADE_SAMPLES + length]


def gaps(clip: Sound) -> list[tuple[int, int]]:
    """Return the quiet places between words, as samples of the clip."""
    heard = levels(clip)
    floor_db = float(np.percentile(heard, 5))
    loud_db = speech_db(clip)
    quiet = heard < max(min(floor_db + 10, loud_db - 18), loud_db - 28)
    first, end = words(clip)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(int), [0]])))
    return [
        (int(start) * LEVEL_SAMPLES, int(stop) * LEVEL_SAMPLES)
        for start, stop in zip(edges[::2], edges[1::2], strict=True)
        if stop - start >= _GAP_LEVELS
        and start * LEVEL_SAMPLES > first + _FIRST_WORD_SAMPLES
        and stop * LEVEL_SAMPLES < end - _LAST_WORD_SAMPLES
    ]
