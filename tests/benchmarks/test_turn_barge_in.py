from __future__ import annotations

import numpy as np
import pytest

from benchmarks.turn_barge_in import Interruption, interruption
from benchmarks.turn_recordings import Marks, Question
from models.protocols import Float32Array

RATE = 16_000
MARKS = Marks("clip.wav", "", "en", "", 0, 1_000)


def answer() -> Float32Array:
    """Return 10 s of noise whose level rises and falls four times a second, like speech."""
    draw = np.random.default_rng(3)
    times = np.arange(10 * RATE) / RATE
    noise = draw.standard_normal(len(times)) * 0.05 * (1.2 + np.sin(2 * np.pi * 4 * times))
    return np.asarray(noise, np.float32)


def room(ducked_at_s: float, silent_at_s: float) -> Float32Array:
    """Return an answer from 2.0 s on that becomes softer, then silent, then begins anew at 8 s."""
    heard = np.zeros(14 * RATE, np.float32)
    heard[2 * RATE : 12 * RATE] = answer()
    heard[int(ducked_at_s * RATE) :] *= 0.25
    heard[int(silent_at_s * RATE) :] = 0
    heard[8 * RATE : 10 * RATE] = answer()[: 2 * RATE]
    return heard


def looked_at(heard: Float32Array) -> Interruption | None:
    before, after = Question(MARKS, 0.5, 1.5), Question(MARKS, 5.0, 6.5)
    return interruption(heard, answer(), before, after)


def test_ducking_and_silence_are_timed_from_the_first_voiced_sample() -> None:
    """Both are found to about a window, and the next answer is not stale."""
    found = looked_at(room(5.12, 5.8))
    assert found is not None
    assert found.ducked_ms == pytest.approx(120, abs=25)
    assert found.silent_ms == pytest.approx(800, abs=25)
    assert not found.stale


def test_the_rest_of_the_old_answer_is_stale() -> None:
    """What sounds after the silence and does not begin like an answer is told."""
    heard = room(5.12, 5.8)
    heard[int(7.0 * RATE) : int(7.3 * RATE)] = answer()[5 * RATE : int(5.3 * RATE)]
    found = looked_at(heard)
    assert found is not None
    assert found.stale


def test_an_answer_that_goes_on_was_never_silent() -> None:
    """Nothing gave way: neither time is known."""
    heard = np.zeros(14 * RATE, np.float32)
    heard[2 * RATE : 12 * RATE] = answer()
    found = looked_at(heard)
    assert found is not None
    assert (found.ducked_ms, found.silent_ms) == (None, None)


def test_there_is_nothing_to_interrupt_where_nothing_sounds() -> None:
    """An answer that is over already cannot give way."""
    assert looked_at(room(4.0, 4.1)) is None
