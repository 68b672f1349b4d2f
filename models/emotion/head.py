"""An utterance in, its emotion vector out: the small head behind Whisper's middle layer."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from models.emotion.features import SHARES, STATES, head_inputs
from models.onnx_session import Graph
from models.protocols import Float32Array

HEAD: Final = Path(__file__).with_name("head.onnx")
"""Written by benchmarks/emotion_train.py; CARD.md says what it was trained on."""
LEAST_SPEECH_S: Final = 1.0
"""Less tells nothing: of read words below half a second four in ten were taken for an emotion, of
prompts of half a second to one second one in seven, of longer ones one in fifty. No labelled clip
is shorter."""
POSITION_S: Final = 0.02
"""A position of Whisper's encoder."""
DECIMALS: Final = 4
"""Of a share, so that a log reads well and a rounding of the CPU does not show."""


class EmotionHead:
    """The head of one encoder.

    Raises ModelMissing, EngineFailed.
    """

    def __init__(self, path: Path = HEAD) -> None:
        self._graph = Graph(path, threads=1, optimised=True, spinning=False)
        self.width = self._graph.width(STATES)
        """Of the states it was trained on."""

    def hear(
        self, samples: Float32Array, mel: Float32Array, states: Float32Array
    ) -> tuple[float, ...]:
        """Return a share for each of `config.emotions.EMOTIONS`; they add up to 1.

        Empty where there is too little speech. Arguments: as for `features.head_inputs`.
        Raises EngineFailed.
        """
        return self.shares(head_inputs(samples, mel, states))

    def shares(self, inputs: dict[str, Float32Array]) -> tuple[float, ...]:
        """Return the same for inputs that `features.head_inputs` made. Raises EngineFailed."""
        if np.count_nonzero(inputs[SHARES]) * POSITION_S < LEAST_SPEECH_S:
            return ()
        (shares,) = self._graph.run(inputs)
        return tuple(round(float(share), DECIMALS) for share in shares)
