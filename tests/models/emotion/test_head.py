from __future__ import annotations

import numpy as np
import onnx
import pytest

from config.emotions import EMOTIONS, HEARD
from models.emotion.head import HEAD, EmotionHead
from models.log_mel import log_mel
from models.protocols import Float32Array

WIDTH = 512


@pytest.fixture(scope="module")
def head() -> EmotionHead:
    """Return the shipped head."""
    return EmotionHead()


def _utterance(seed: int) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Return a made-up sound, its log-mel frames and made-up states."""
    draw = np.random.default_rng(seed)
    samples = (0.1 * draw.standard_normal(20_000)).astype(np.float32)
    mel = log_mel(samples, 80)
    states = draw.standard_normal((mel.shape[1] // 2 + 11, WIDTH)).astype(np.float32)
    return samples, mel, states


def test_shares_add_up_and_nothing_is_invented(head: EmotionHead) -> None:
    """What no recording supports is exactly 0; the rest is a distribution, the same each time."""
    found = head.hear(*_utterance(1))
    assert len(found) == len(EMOTIONS) == 15
    assert found[len(HEARD) :] == (0.0,) * (15 - len(HEARD))
    assert sum(found) == pytest.approx(1.0, abs=1e-3)
    assert head.hear(*_utterance(1)) == found
    assert head.hear(*_utterance(2)) != found


def test_a_short_word_tells_nothing(head: EmotionHead) -> None:
    """Below a second of speech there is no vector, whatever silence is around it."""
    samples, _, states = _utterance(1)
    samples[8_000:] = 0.0
    assert head.hear(samples, log_mel(samples, 80), states) == ()


def test_absurd_states_give_no_nonsense(head: EmotionHead) -> None:
    """States a thousand times too large are still heard as some distribution."""
    samples, mel, states = _utterance(3)
    assert sum(head.hear(samples, mel, 1_000 * states)) == pytest.approx(1.0, abs=1e-3)


def test_head_is_small_and_whole(head: EmotionHead) -> None:
    """Below 1 MB, in one file, for Whisper base."""
    assert HEAD.stat().st_size < 1_000_000
    onnx.checker.check_model(str(HEAD))
    assert head.width == WIDTH
