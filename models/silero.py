"""Silero VAD: 512 samples of sound in, the probability that someone speaks out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.errors import EngineFailed
from models.onnx_session import Graph
from models.protocols import Int16Array

FRAME_SAMPLES: Final = 512
"""Samples the graph judges at once at 16 kHz (32 ms)."""

_CONTEXT_SAMPLES: Final = 64
"""Samples of the frame before, put in front of each frame: the graph was trained with them."""

_STATE_SHAPE: Final = (2, 1, 128)
_RATE: Final = 16_000
_INPUTS: Final = {"input", "sr", "state"}
_OUTPUTS: Final = ("output", "stateN")


class SileroDetector:
    """The graph of Silero VAD 5 and 6 with the state it carries from frame to frame.

    One thread: a frame takes about 0.15 ms, so more would only cost.
    Raises ModelMissing where there is no file, EngineFailed where it is not this graph.
    """

    def __init__(self, model: Path) -> None:
        self._graph = Graph(model, threads=1)
        if set(self._graph.inputs) != _INPUTS or self._graph.outputs != _OUTPUTS:
            raise EngineFailed(
                f"{model}: not Silero VAD, its inputs are {', '.join(self._graph.inputs)}; "
                "fetch it again with: python run_pipeline.py models fetch silero-vad"
            )
        self._frame = np.zeros((1, _CONTEXT_SAMPLES + FRAME_SAMPLES), np.float32)
        self._feed: dict[str, NDArray[Any]] = {
            "input": self._frame,
            "sr": np.array(_RATE, np.int64),
        }
        self.reset()

    def reset(self) -> None:
        """Forget all that was heard."""
        self._frame.fill(0.0)
        self._feed["state"] = np.zeros(_STATE_SHAPE, np.float32)

    def probability(self, frame: Int16Array) -> float:
        """Return the probability, 0 to 1, of speech in `frame`, given all frames since `reset`.

        frame: shape (512,), int16, mono, 16 kHz.
        Raises ValueError for another shape, EngineFailed when the runtime rejects the input.
        """
        if frame.shape != (FRAME_SAMPLES,):
            raise ValueError(f"a frame has {FRAME_SAMPLES} samples, not shape {frame.shape}")
        samples = self._frame[0]
        samples[:_CONTEXT_SAMPLES] = samples[-_CONTEXT_SAMPLES:]
        np.multiply(frame, np.float32(1 / 32_768), out=samples[_CONTEXT_SAMPLES:])
        output, self._feed["state"] = self._graph.run(self._feed)
        return float(output[0, 0])
