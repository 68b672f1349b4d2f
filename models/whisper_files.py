"""The folder of an exported Whisper model in, its parts out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from models.errors import EngineFailed, ModelMissing
from models.protocols import Float32Array
from models.whisper_vocabulary import Vocabulary
from models.whisper_weights import WhisperShape

EXPORT_NAME: Final = "whisper-onnx-v5"
"""The number changes when what `models.whisper_export` writes changes."""
STEPS: Final = 4
"""Steps that it reports."""

NEAR: Final = 64
GROUP: Final = 8
"""Positions of cached silence taken one by one, and how many behind them are taken together: 119
keys in place of 500. On 408 clips 13.5 % of the words were wrong against 13.4 % without (95 % of
the differences -1.0 to +1.5), with no loop; at best, 3 s take 70 ms against 90 ms."""

ENCODER: Final = "encoder.onnx"
DECODER: Final = "decoder.onnx"
EMBEDDING: Final = "embedding.f16"
"""The token table, float16 (vocabulary, width), without a header: rows are read one by one."""
MIDDLE: Final = "middle_states"
"""The encoder's output that is not for the decoder."""
POSITIONS: Final = "positions.npy"
SILENCE: Final = "silence.npy"
"""float32 (2 * layers, positions, width): keys and values of silence for each layer of the
encoder, then what each layer of the decoder attends to. Not float16: widening takes 15 ms."""
SILENT_GROUPS: Final = "silent_groups.npy"
"""The same for each GROUP of positions, their means."""
DESCRIPTION: Final = "whisper.msgpack"


class Description(Struct, frozen=True, kw_only=True):
    """What the other files of the folder hold."""

    shape: WhisperShape
    vocabulary: Vocabulary
    states_error: float
    """Of the exported encoder against the float original, as measured when it was written."""
    logits_error: float


def read_description(folder: Path) -> Description:
    """Return what `folder` holds. Raises ModelMissing, EngineFailed."""
    path = folder / DESCRIPTION
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Description)
    except FileNotFoundError as error:
        raise ModelMissing(folder.name, str(path)) from error
    except msgspec.MsgspecError as error:
        raise EngineFailed(f"{path}: damaged ({error}); delete the folder {folder}") from error


class TokenTable:
    """Embeddings of tokens, read row by row, so that the table takes no memory."""

    def __init__(self, folder: Path, shape: WhisperShape) -> None:
        self._path = folder / EMBEDDING
        self._width = shape.width

    def rows(self, tokens: list[int]) -> Float32Array:
        """Return (tokens, width), float32."""
        rows = [
            np.fromfile(self._path, np.float16, self._width, offset=2 * self._width * token)
            for token in tokens
        ]
        return np.stack(rows).astype(np.float32)


class Silence(Struct, frozen=True):
    """Cached silence as the encoder's graph takes it."""

    inputs: dict[str, Float32Array]
    """Keys and values for each layer by their names, (S, width) each."""
    bias: Float32Array
    """(S,): logarithm of how many positions each stands for."""


class SilentMemory:
    """Keys and values of silence at each position, mapped as needed.

    The first NEAR positions are given one by one, those behind them as the mean of each GROUP,
    which counts as many times: what an attention sees of far silence, at an eighth of its cost.
    """

    def __init__(self, folder: Path, shape: WhisperShape) -> None:
        self._near = folder / SILENCE
        self._far = folder / SILENT_GROUPS
        layers = [f"silent_{{}}_{layer}" for layer in range(shape.encoder_layers)]
        layers += [f"silent_cross_{{}}_{layer}" for layer in range(shape.decoder_layers)]
        self._names = [name.format(kind) for name in layers for kind in ("keys", "values")]

    def between(self, first: int, end: int) -> Silence:
        """Return silence at positions `first` to `end`, a last incomplete group left out."""
        near, far = (np.load(path, mmap_mode="r") for path in (self._near, self._far))
        middle = min(end, -(-(first + NEAR) // GROUP) * GROUP)
        groups = slice(middle // GROUP, end // GROUP)
        bias = np.zeros(middle - first + groups.stop - groups.start, np.float32)
        bias[middle - first :] = np.log(GROUP)
        inputs = {
            name: np.concatenate([near[index, first:middle], far[index, groups]])
            for index, name in enumerate(self._names)
        }
        return Silence(inputs, bias)


def grouped(silence: Float32Array) -> Float32Array:
    """Return the mean of each GROUP of positions; silence: (arrays, positions, width)."""
    arrays, positions, width = silence.shape
    count = positions // GROUP
    means: Float32Array = silence[:, : count * GROUP].reshape(arrays, count, GROUP, width).mean(2)
    return means
