"""A Whisper checkpoint in, its sizes and float32 arrays out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct

from models.ct2_weights import Weights, read_weights
from models.errors import EngineFailed
from models.protocols import Float32Array

GELU: Final = 3
"""The number of the exact Gaussian error linear unit in CTranslate2 files."""


class WhisperShape(Struct, frozen=True, kw_only=True):
    """Sizes of a Whisper model."""

    bands: int
    """Mel bands of the input."""
    encoder_layers: int
    decoder_layers: int
    heads: int
    width: int
    positions: int
    """Positions of 20 ms that the encoder knows: 1500, which is 30 s."""
    context: int
    """Tokens the decoder knows positions for."""
    vocabulary: int

    @property
    def head_size(self) -> int:
        """Width of one attention head."""
        return self.width // self.heads


class WhisperWeights:
    """The arrays of one checkpoint by their CTranslate2 names."""

    def __init__(self, weights: Weights, source: str) -> None:
        self._weights = weights
        self._source = source
        self.shape = self._read_shape()
        if self.integer("decoder/activation") != GELU or self.integer("decoder/scale_embeddings"):
            raise EngineFailed(f"{source}: not a Whisper model as OpenAI published it")

    @classmethod
    def read(cls, path: Path) -> WhisperWeights:
        """Open a `model.bin` in float16 or float32.

        Raises EngineFailed when it is damaged, quantised, or no Whisper model.
        """
        file = read_weights(path)
        if file.specification != "WhisperSpec":
            raise EngineFailed(f"{path}: holds a {file.specification}, not a Whisper model")
        return cls(file.weights, str(path))

    def array(self, name: str) -> Float32Array:
        """Return an array as float32."""
        found = self._weights.get(name)
        if found is None or found.dtype not in (np.float16, np.float32):
            raise EngineFailed(
                f"{self._source}: no float array {name}; take a float16 or float32 conversion"
            )
        return found.astype(np.float32)

    def linear(self, name: str) -> tuple[Float32Array, Float32Array]:
        """Return weight (outputs, inputs) and bias (outputs,)."""
        return self.array(f"{name}/weight"), self.array(f"{name}/bias")

    def integer(self, name: str) -> int:
        """Return a single number of the file."""
        found = self._weights.get(name)
        if found is None:
            raise EngineFailed(f"{self._source}: has no {name}; is it a Whisper model?")
        return int(found)

    def _read_shape(self) -> WhisperShape:
        positions, width = self.array("encoder/position_encodings/encodings").shape
        return WhisperShape(
            bands=self.array("encoder/conv1/weight").shape[1],
            encoder_layers=self._layers("encoder"),
            decoder_layers=self._layers("decoder"),
            heads=self.integer("encoder/num_heads"),
            width=width,
            positions=positions,
            context=self.array("decoder/position_encodings/encodings").shape[0],
            vocabulary=self.array("decoder/embeddings/weight").shape[0],
        )

    def _layers(self, part: str) -> int:
        norm = "/self_attention/layer_norm/gamma"
        return sum(name.startswith(f"{part}/") and name.endswith(norm) for name in self._weights)
