from __future__ import annotations

import numpy as np
import pytest

from benchmarks.turn_gaps import added_ms
from models.protocols import Float32Array

RATE = 16_000


def answer(*pauses_ms: int) -> Float32Array:
    """Return the same three stretches of noise with these pauses between them."""
    draw = np.random.default_rng(5)
    parts: list[Float32Array] = []
    for pause_ms in (*pauses_ms, 300):
        parts += [
            (0.05 * draw.standard_normal(RATE // 2)).astype(np.float32),
            np.zeros(pause_ms * RATE // 1000, np.float32),
        ]
    return np.concatenate(parts)


def test_a_pause_is_as_much_longer_as_what_follows_comes_later() -> None:
    """Each pause is measured by itself, whatever the one before it added."""
    assert added_ms(answer(200, 150), answer(240, 170)) == pytest.approx([40, 20], abs=1)
    assert added_ms(answer(200, 150), answer(200, 150)) == pytest.approx([0, 0], abs=1)


def test_another_sound_is_not_taken_for_the_answer() -> None:
    """A stretch that is not found again is told, not measured."""
    other = np.random.default_rng(9).standard_normal(3 * RATE).astype(np.float32)
    assert added_ms(answer(200), 0.05 * other) == [None]
