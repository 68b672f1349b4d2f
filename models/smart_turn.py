"""Smart Turn: the last seconds of an utterance in, the probability that its speaker is done out."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta, Struct

from models.apart import prepare_apart
from models.derived import build_once
from models.errors import EngineFailed
from models.log_mel import HOP_SAMPLES, WINDOW_SAMPLES, log_mel
from models.onnx_session import Graph
from models.protocols import Float32Array, Int16Array
from models.store import ModelStore

WINDOW_FRAMES: Final = 400
"""Sound that is heard, in frames of 10 ms: half of what the graph was trained on. The other half
changes little and takes two thirds of the time."""

GRAPH: Final = "turn.onnx"
STATES: Final = "states"
WIDTH: Final = 384
HEAD_FILE: Final = Path(__file__).with_name("smart_turn_head.json")

_BANDS: Final = 80
_HEARD_SAMPLES: Final = WINDOW_FRAMES * HOP_SAMPLES
_POSITION_SAMPLES: Final = 2 * HOP_SAMPLES
_LAST_POSITIONS: Final = 12
_BEFORE_POSITIONS: Final = 28
_LEAST_VARIANCE: Final = 1e-7
_EXPORT: Final = "half-v2"


class Head(Struct, frozen=True):
    """What decides from a summary of the encoder's states: fitted by `benchmarks.turn_head`.

    The classifier that comes with the graph takes most pauses between two words of a sentence
    read aloud for its end: at 5 % of them it finds 15 % of the true ends, this head half of them.
    """

    bias: float
    weights: Annotated[list[float], Meta(min_length=3 * WIDTH, max_length=3 * WIDTH)]


class SmartTurn:
    """The encoder of Smart Turn v3.2 (Whisper tiny's, 8 bits) under a head of our own.

    It hears intonation, tempo and words, not only silence.
    folder: as `prepare_smart_turn` returns it. threads: one pass takes 25 to 50 ms on one.
    Raises ModelMissing where there is no graph.
    """

    heard_samples: int = _HEARD_SAMPLES

    def __init__(self, folder: Path, head: Head, *, threads: int = 1) -> None:
        self._graph = Graph(folder / GRAPH, threads=threads, optimised=True)
        self._weights = np.array(head.weights, np.float32)
        self._bias = head.bias

    def probability(self, samples: Int16Array, silent_samples: int) -> float:
        """Return the probability, 0 to 1, that nothing more is said after `samples`.

        samples: shape (n,), int16, mono, 16 kHz: the utterance and the silence since, of which
        there are `silent_samples`; of more than `heard_samples` the end counts.
        Raises EngineFailed when the runtime rejects the input.
        """
        score = float(self._weights @ self.summary(samples, silent_samples)) + self._bias
        return 1 / (1 + math.exp(-score))

    def summary(self, samples: Int16Array, silent_samples: int) -> Float32Array:
        """Return the mean states of the silence, the 240 ms before it and the 560 ms before that.

        Shape (1152,), float32. Raises EngineFailed.
        """
        (states,) = self._graph.run({"input_features": features(samples)[None]})
        speech = len(states[0]) - max(1, silent_samples // _POSITION_SAMPLES)
        last = max(1, speech - _LAST_POSITIONS)
        before = max(0, last - _BEFORE_POSITIONS)
        parts = (states[0, speech:], states[0, last:speech], states[0, before:last])
        result: Float32Array = np.concatenate([part.mean(axis=0) for part in parts])
        return result


def features(samples: Int16Array) -> Float32Array:
    """Return what the graph takes, shape (80, WINDOW_FRAMES), float32: Whisper's log-mel frames.

    The sound is brought to mean 0 and variance 1 with the silence that fills it up in front, and
    mirrored at its end, as in the feature extractor the graph was trained with.
    """
    sound = np.zeros(_HEARD_SAMPLES, np.float32)
    heard = samples[-_HEARD_SAMPLES:]
    sound[_HEARD_SAMPLES - len(heard) :] = heard
    sound /= 32_768
    sound = (sound - sound.mean()) / np.sqrt(sound.var() + _LEAST_VARIANCE)
    mirrored = sound[-1 - WINDOW_SAMPLES // 2 : -1][::-1]
    frames = log_mel(np.concatenate([sound, mirrored]), _BANDS, shifted=False)
    return frames[:, :WINDOW_FRAMES]


def read_head(path: Path = HEAD_FILE) -> Head:
    """Return a fitted head. Raises EngineFailed for a file that is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Head)
    except (OSError, msgspec.DecodeError) as error:
        raise EngineFailed(f"{path}: no head for Smart Turn ({error}); install again") from error


def open_smart_turn(reference: str, store: ModelStore, head: Path = HEAD_FILE) -> SmartTurn:
    """Return the model, loaded; what has to be made of its file first is made, once.

    Raises ModelMissing, ModelDamaged, EngineFailed, UnknownModel.
    """
    model = SmartTurn(prepare_smart_turn(reference, store), read_head(head))
    model.summary(np.zeros(_HEARD_SAMPLES, np.int16), _POSITION_SAMPLES)  # the first pass is slow
    return model


def prepare_smart_turn(reference: str, store: ModelStore) -> Path:
    """Return the folder of the shortened graph, which is written first if it is not there.

    Raises ModelMissing, ModelDamaged, EngineFailed, UnknownModel.
    """
    model = store.resolve(reference).get("model")
    if model is None:
        raise EngineFailed(f"model {reference} is no Smart Turn; name it under capture.endpointing")

    def build(folder: Path) -> None:
        prepare_apart("models.smart_turn_prepare", model, folder)

    return build_once(store.derived(reference, _EXPORT), build)
