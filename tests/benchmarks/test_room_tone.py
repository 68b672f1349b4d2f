from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.room_tone import room_tone
from benchmarks.scenes import levels, speech_db
from benchmarks.turn_recordings import load, read_marks
from benchmarks.turn_room import loud

RATE = 16_000
NOWHERE = Path("there-is-no-such-folder")
SHIPPED = next(each for each in read_marks() if "/" not in each.file)


def test_room_tone_is_as_loud_as_the_room_and_never_silent() -> None:
    """Noise stays at its level without swinging; digital silence becomes a hiss nobody hears."""
    draw = np.random.default_rng(1)
    noise = (0.01 * draw.standard_normal(RATE)).astype(np.float32)
    tone = room_tone(noise, 2 * RATE)
    loudness = np.sqrt((tone.reshape(-1, 800) ** 2).mean(axis=1))
    assert loudness == pytest.approx(0.01, rel=0.35)
    hiss = room_tone(np.zeros(RATE, np.float32), RATE)
    assert not loud(hiss).any()
    assert (np.abs(hiss) > 0).mean() > 0.9


def test_of_a_recording_without_a_pause_no_speech_is_repeated() -> None:
    """A recording that is nothing but words has speech in its quietest place; its room has none."""
    sound = load(SHIPPED, NOWHERE).astype(np.float64)
    loudest = np.flatnonzero(levels(sound) > speech_db(sound) - 20)
    words = np.concatenate([sound[at * 160 : at * 160 + 160] for at in loudest])
    tone = room_tone(words.astype(np.float32), RATE)
    assert float(levels(tone.astype(np.float64)).max()) < speech_db(words) - 30
