"""The sound of an utterance in, the probability that its speaker is done out, when it is asked."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from bus.frames import CHUNK_SAMPLES, SAMPLE_RATE

if TYPE_CHECKING:
    from models.protocols import Int16Array

_PREROLL_SAMPLES: Final = 300 * SAMPLE_RATE // 1000
"""A detector is late: the first sound of an utterance lies before its beginning."""


class TurnModel(Protocol):
    """Says from sound whether a speaker is done (models.smart_turn)."""

    heard_samples: int
    """How much of the end of an utterance it hears."""

    def probability(self, samples: Int16Array, silent_samples: int) -> float:
        """Return the probability, 0 to 1, that nothing more is said after `samples`.

        samples: shape (n,), 16 kHz, of which the last `silent_samples` come after the last word.
        """
        ...


class SoundJudge:
    """Keeps the last seconds of sound, so that a model can be asked about them."""

    def __init__(self, model: TurnModel) -> None:
        self._model = model
        blocks = model.heard_samples // CHUNK_SAMPLES + 1
        self._past: deque[tuple[int, Int16Array]] = deque(maxlen=blocks)

    def hear(self, first_sample: int, block: Int16Array) -> None:
        """Take the next block, shape (320,), and its place on the capture clock."""
        self._past.append((first_sample, block))

    def probability(self, began: int, speech_end: int, now: int) -> float:
        """Return the probability, 0 to 1, that nothing more is said in an utterance.

        began, speech_end, now: samples of the capture clock; it has been silent since speech_end.
        Raises what the model raises.
        """
        first = began - _PREROLL_SAMPLES
        sound = np.concatenate([block for at, block in self._past if first <= at < now])
        return self._model.probability(sound, now - speech_end)
