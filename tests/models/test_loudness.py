from __future__ import annotations

import numpy as np
import pytest

from models.loudness import SPEECH_RMS, Finisher, gain_for, pause_after
from models.protocols import Float32Array, Int16Array

RATE = 16_000


def _tone(seconds: float, level: float) -> Float32Array:
    time = np.arange(int(seconds * RATE)) / RATE
    tone: Float32Array = (level * np.sqrt(2) * np.sin(2 * np.pi * 200 * time)).astype(np.float32)
    return tone


def _silence(seconds: float) -> Float32Array:
    return np.zeros(int(seconds * RATE), np.float32)


def _finish(chunks: list[Float32Array], pause_s: float = 0.0, gain: float = 1.0) -> Int16Array:
    finisher = Finisher(gain=gain, rate=RATE, pause_s=pause_s)
    last = len(chunks) - 1
    return np.concatenate([finisher.feed(c, last=n == last) for n, c in enumerate(chunks)])


@pytest.mark.parametrize("level", [0.01, 0.1, 0.5])
def test_gain_brings_speech_to_one_level(level: float) -> None:
    """Pauses do not count: half of the sound is silence here."""
    sound = np.concatenate([_tone(1.0, level), _silence(1.0)])
    assert gain_for(sound, RATE) * level == pytest.approx(SPEECH_RMS, rel=0.02)


def test_silence_has_no_gain() -> None:
    """A voice that makes no sound is left as it is."""
    assert gain_for(_silence(1.0), RATE) == 1.0


def test_ends_are_trimmed_and_a_pause_put_behind() -> None:
    """Of silence around a word at most 20 ms before and 30 ms after it stay."""
    sound = _finish([_silence(0.2), _tone(0.5, 0.1), _silence(0.4)], pause_s=0.25)
    heard = np.flatnonzero(np.abs(sound) > 330)
    assert heard[0] <= 0.025 * RATE
    assert (sound.size - heard[-1]) / RATE == pytest.approx(0.28, abs=0.02)


def test_silence_within_stays() -> None:
    """A pause between two words keeps its length, wherever the chunks are cut."""
    whole = np.concatenate([_tone(0.3, 0.1), _silence(0.3), _tone(0.3, 0.1)])
    once = _finish([whole])
    for cut in (0.1, 0.35, 0.45, 0.61):
        at = int(cut * RATE)
        assert np.array_equal(_finish([whole[:at], whole[at:]]), once)


def test_loud_sound_is_limited_not_clipped() -> None:
    """What is far over full scale stays below it; what is quiet is scaled exactly."""
    loud = _finish([_tone(0.2, 2.0)])
    assert np.abs(loud.astype(int)).max() <= 32_767
    quiet = _tone(0.2, 0.1)
    middle = slice(1000, 2000)
    expected = np.rint(quiet * 2 * 32_767)[middle]
    start = quiet.size - _finish([quiet], gain=2.0).size
    assert start == 0
    assert np.array_equal(_finish([quiet], gain=2.0)[middle], expected)


def test_pure_silence_gives_nothing() -> None:
    """A clause without sound has no pause either."""
    assert _finish([_silence(0.5), _silence(0.5)], pause_s=0.3).size == 0


def test_marks_decide_the_pause() -> None:
    """A question waits longer than a comma, a comma longer than nothing."""
    assert pause_after("What?") > pause_after("So,") > pause_after("so") > 0
    assert pause_after('"Yes." ') == pause_after("Yes.")
