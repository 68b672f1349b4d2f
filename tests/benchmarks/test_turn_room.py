from __future__ import annotations

import numpy as np
import pytest

from benchmarks.turn_room import alike, first_sound_s, last_sound_s
from models.protocols import Float32Array

RATE = 16_000


def tone(seconds: float, level_db: float) -> Float32Array:
    """Return a hum of 200 Hz at an effective level."""
    times = np.arange(int(seconds * RATE)) / RATE
    wave = np.sqrt(2) * 10 ** (level_db / 20) * np.sin(2 * np.pi * 200 * times)
    return np.asarray(wave, np.float32)


def silence(seconds: float) -> Float32Array:
    return np.zeros(int(seconds * RATE), np.float32)


def test_first_and_last_sound_are_found_to_ten_milliseconds() -> None:
    """What is louder than -50 dBFS is heard, what is softer is not."""
    room = np.concatenate([silence(1), tone(0.5, -60), tone(0.7, -20), silence(1)])
    assert first_sound_s(room, 0.2, 3.2) == pytest.approx(1.5, abs=0.011)
    assert last_sound_s(room, 0.2, 3.2) == pytest.approx(2.2, abs=0.011)


def test_no_sound_is_none() -> None:
    """Silence, and a span without a single window, have no first sound."""
    assert first_sound_s(silence(2), 0.0, 2.0) is None
    assert first_sound_s(silence(2), 1.0, 1.0) is None


def test_an_answer_is_known_by_its_first_words() -> None:
    """A letter or two may be heard wrong; another sentence is not taken for the answer."""
    answer = "the kettle needs about four minutes and then the tea must stand"
    assert alike("the cattle needs about four minutes and", answer)
    assert not alike("i will tell you when it is time", answer)
    assert not alike("", answer)
