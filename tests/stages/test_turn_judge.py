from __future__ import annotations

import numpy as np

from models.protocols import Int16Array
from stages.turn_judge import SoundJudge

BLOCK = 320


class Ear:
    """Notes what it is asked."""

    heard_samples = 20 * BLOCK

    def __init__(self) -> None:
        self.sound: Int16Array = np.zeros(0, np.int16)
        self.silent_samples = 0

    def probability(self, samples: Int16Array, silent_samples: int) -> float:
        """Keep the question; the answer does not matter."""
        self.sound, self.silent_samples = samples, silent_samples
        return 0.5


def _heard(judge: SoundJudge, blocks: range) -> None:
    for block in blocks:
        judge.hear(block * BLOCK, np.full(BLOCK, block, np.int16))


def test_the_model_hears_the_utterance_with_its_first_sound() -> None:
    """The sound reaches from 300 ms before the beginning to now, and the silence is named."""
    ear = Ear()
    judge = SoundJudge(ear)
    _heard(judge, range(21))
    judge.probability(18 * BLOCK, 19 * BLOCK, 21 * BLOCK)
    assert sorted(set(ear.sound.tolist())) == list(range(3, 21))
    assert ear.silent_samples == 2 * BLOCK


def test_no_more_is_kept_than_the_model_hears() -> None:
    """Of a long utterance the end counts."""
    ear = Ear()
    judge = SoundJudge(ear)
    _heard(judge, range(100))
    judge.probability(0, 99 * BLOCK, 100 * BLOCK)
    assert ear.heard_samples <= len(ear.sound) <= ear.heard_samples + BLOCK
