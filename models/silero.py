"""Silero VAD: 512 samples of sound in, the probability that someone speaks out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.apart import prepare_apart
from models.derived import build_once
from models.errors import EngineFailed
from models.onnx_session import Graph
from models.protocols import Int16Array
from models.store import ModelStore

FRAME_SAMPLES: Final = 512
"""Samples the graph judges at once at 16 kHz (32 ms)."""

_CONTEXT_SAMPLES: Final = 64
"""Samples of the frame before, put in front of each frame: the graph was trained with them."""

INPUT_SHAPE: Final = (1, _CONTEXT_SAMPLES + FRAME_SAMPLES)
STATE_SHAPE: Final = (2, 1, 128)
GRAPH: Final = "vad.onnx"

_MODEL: Final = "silero-vad"
_EXPORT: Final = "16khz-v1"
_INPUTS: Final = {"input", "state"}
_OUTPUTS: Final = ("output", "stateN")


class SileroDetector:
    """The network of Silero VAD 5 and 6 with the state it carries from frame to frame.

    graph: as `prepare_silero` writes it. One thread: a frame takes about 0.1 ms, so more would
    only cost.
    Raises ModelMissing where there is no file, EngineFailed where it is not this graph.
    """

    def __init__(self, graph: Path) -> None:
        self._graph = Graph(graph, threads=1, optimised=True)
        if set(self._graph.inputs) != _INPUTS or self._graph.outputs != _OUTPUTS:
            raise EngineFailed(
                f"{graph}: not Silero VAD as we write it, "
                f"its inputs are {', '.join(self._graph.inputs)}; remove it, and it is written anew"
            )
        self._frame = np.zeros(INPUT_SHAPE, np.float32)
        self._feed: dict[str, NDArray[Any]] = {"input": self._frame}
        self.reset()

    def reset(self) -> None:
        """Forget all that was heard."""
        self._frame.fill(0.0)
        self._feed["state"] = np.zeros(STATE_SHAPE, np.float32)

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


def open_silero(store: ModelStore) -> SileroDetector:
    """Return the detector, loaded; what has to be made of its file first is made, once.

    Raises ModelMissing, ModelDamaged, EngineFailed.
    """
    return SileroDetector(prepare_silero(_MODEL, store) / GRAPH)


def prepare_silero(reference: str, store: ModelStore) -> Path:
    """Return the folder of the graph for 16 kHz, which is written first if it is not there.

    Raises ModelMissing, ModelDamaged, EngineFailed, UnknownModel.
    """
    model = store.files(reference)["model"]

    def build(folder: Path) -> None:
        prepare_apart("models.silero_prepare", model, folder)

    return build_once(store.derived(reference, _EXPORT), build)
