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

EXPORT_NAME: Final = "whisper-onnx-v3"
"""The number changes when what `models.whisper_export` writes changes."""
STEPS: Final = 4
"""Steps that it reports."""

ENCODER: Final = "encoder.onnx"
DECODER: Final = "decoder.onnx"
EMBEDDING: Final = "embedding.f16"
"""The token table, float16 (vocabulary, width), without a header: rows are read one by one."""
POSITIONS: Final = "positions.npy"
SILENCE: Final = "silence.npy"
"""float32 (2 * layers, positions, width): keys and values of silence for each layer of the
encoder, then what each layer of the decoder attends to. Not float16: widening takes 15 ms."""
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


class SilentMemory:
    """Keys and values of silence at each position, mapped as needed."""

    def __init__(self, folder: Path, shape: WhisperShape) -> None:
        self._path = folder / SILENCE
        layers = [f"silent_{{}}_{layer}" for layer in range(shape.encoder_layers)]
        layers += [f"silent_cross_{{}}_{layer}" for layer in range(shape.decoder_layers)]
        self._names = [name.format(kind) for name in layers for kind in ("keys", "values")]

    def between(self, first: int, end: int) -> dict[str, Float32Array]:
        """Return the encoder's inputs for silence at positions `first` to `end`: (S, width) each.

        The file stays mapped, and counts as this process's memory, while the arrays live.
        """
        mapped = np.load(self._path, mmap_mode="r")
        return {name: mapped[index, first:end] for index, name in enumerate(self._names)}
