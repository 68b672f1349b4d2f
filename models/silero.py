"""Silero VAD: 512 samples of sound in, the probability that someone speaks out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]

from models.errors import EngineFailed, ModelMissing
from models.protocols import Float32Array, Int16Array

FRAME_SAMPLES: Final = 512
"""Samples the graph judges at once at 16 kHz (32 ms)."""

_CONTEXT_SAMPLES: Final = 64
"""Samples of the frame before, put in front of each frame: the graph was trained with them."""

_STATE_SHAPE: Final = (2, 1, 128)
_RATE: Final = 16_000
_INPUTS: Final = ("input", "sr", "state")
_OUTPUTS: Final = ("output", "stateN")


class SileroDetector:
    """The graph of Silero VAD 5 and 6 with the state it carries from frame to frame.

    One thread, no memory arena: a frame takes about 0.15 ms, so threads would only cost.
    Raises ModelMissing where there is no file, EngineFailed where it is not this graph.
    """

    def __init__(self, model: Path) -> None:
        if not model.is_file():
            raise ModelMissing("silero-vad", str(model))
        options = ort.SessionOptions()
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        try:
            self._session = ort.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime's exceptions share no base class of their own
            raise EngineFailed(_not_silero(model, "the runtime cannot load it")) from error
        names = tuple(sorted(tensor.name for tensor in self._session.get_inputs()))
        outputs = tuple(tensor.name for tensor in self._session.get_outputs())
        if names != _INPUTS or outputs != _OUTPUTS:
            raise EngineFailed(_not_silero(model, f"its inputs are {', '.join(names)}"))
        self._frame = np.zeros((1, _CONTEXT_SAMPLES + FRAME_SAMPLES), np.float32)
        self._feed = {"input": self._frame, "sr": np.array(_RATE, np.int64)}
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
        try:
            output, state = self._session.run(_OUTPUTS, self._feed)
        except Exception as error:  # as above
            raise EngineFailed("silero-vad: the runtime rejected a frame of sound") from error
        self._feed["state"] = _checked_state(state)
        return float(output[0, 0])


def _checked_state(state: Float32Array) -> Float32Array:
    if state.shape != _STATE_SHAPE:
        raise EngineFailed(f"silero-vad: the state came back with shape {state.shape}")
    return state


def _not_silero(model: Path, why: str) -> str:
    return (
        f"silero-vad: {model} is not a Silero VAD graph ({why}); "
        "fetch it again with: python run_pipeline.py models fetch silero-vad"
    )
