"""A made-up Whisper checkpoint and its tokenizer, of a few kilobytes, written as real ones are."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.whisper_vocabulary import _letters

WIDTH, HEADS, LAYERS, BANDS, POSITIONS, CONTEXT = 64, 2, 2, 8, 120, 24
LANGUAGES = ("en", "es", "haw")
SPECIAL = (
    "<|endoftext|>", "<|startoftranscript|>", *(f"<|{each}|>" for each in LANGUAGES),
    "<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>",
    "<|notimestamps|>",
)  # fmt: skip
VOCABULARY = 256 + len(SPECIAL) + 5
"""Bytes, special tokens, timestamps."""

Arrays = dict[str, NDArray[Any]]


def write_tokenizer(path: Path) -> Path:
    """Write a tokenizer.json whose ordinary tokens are the 256 bytes."""
    letters = {byte: letter for letter, byte in _letters().items()}
    vocabulary = {letters[byte]: byte for byte in range(256)}
    added = [{"id": 256 + place, "content": name} for place, name in enumerate(SPECIAL)]
    path.write_text(json.dumps({"model": {"vocab": vocabulary}, "added_tokens": added}))
    return path


def checkpoint(seed: int = 0) -> Arrays:
    """Return arrays of a Whisper with small random weights."""
    draw = np.random.default_rng(seed)

    def some(*shape: int, scale: float = 0.15) -> NDArray[Any]:
        return (scale * draw.standard_normal(shape)).astype(np.float16)

    def linear(name: str, outputs: int, inputs: int) -> Arrays:
        return {f"{name}/weight": some(outputs, inputs), f"{name}/bias": some(outputs)}

    def norm(name: str) -> Arrays:
        return {f"{name}/gamma": 1 + some(WIDTH), f"{name}/beta": some(WIDTH)}

    def layer(prefix: str, *, cross: bool) -> Arrays:
        arrays = norm(f"{prefix}/self_attention/layer_norm") | norm(f"{prefix}/ffn/layer_norm")
        arrays |= linear(f"{prefix}/self_attention/linear_0", 3 * WIDTH, WIDTH)
        arrays |= linear(f"{prefix}/self_attention/linear_1", WIDTH, WIDTH)
        arrays |= linear(f"{prefix}/ffn/linear_0", 4 * WIDTH, WIDTH)
        arrays |= linear(f"{prefix}/ffn/linear_1", WIDTH, 4 * WIDTH)
        if cross:
            arrays |= norm(f"{prefix}/attention/layer_norm")
            arrays |= linear(f"{prefix}/attention/linear_0", WIDTH, WIDTH)
            arrays |= linear(f"{prefix}/attention/linear_1", 2 * WIDTH, WIDTH)
            arrays |= linear(f"{prefix}/attention/linear_2", WIDTH, WIDTH)
        return arrays

    arrays: Arrays = {
        "encoder/num_heads": np.array(HEADS, np.int16),
        "decoder/activation": np.array(3, np.int8),
        "decoder/scale_embeddings": np.array(0, np.int8),
        "encoder/conv1/weight": some(WIDTH, BANDS, 3),
        "encoder/conv1/bias": some(WIDTH),
        "encoder/conv2/weight": some(WIDTH, WIDTH, 3),
        "encoder/conv2/bias": some(WIDTH),
        "encoder/position_encodings/encodings": some(POSITIONS, WIDTH),
        "decoder/position_encodings/encodings": some(CONTEXT, WIDTH),
        "decoder/embeddings/weight": some(VOCABULARY, WIDTH),
    }
    arrays |= norm("encoder/layer_norm") | norm("decoder/layer_norm")
    for index in range(LAYERS):
        arrays |= layer(f"encoder/layer_{index}", cross=False)
        arrays |= layer(f"decoder/layer_{index}", cross=True)
    return arrays


def write_checkpoint(path: Path, arrays: Arrays, *, version: int = 6) -> Path:
    """Write a `model.bin`; the output projection is an alias of the embedding."""
    codes = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}
    data = struct.pack("<I", version) + _name("WhisperSpec") + struct.pack("<II", 3, len(arrays))
    for name, array in arrays.items():
        data += _name(name) + struct.pack("<B", array.ndim)
        data += struct.pack(f"<{array.ndim}I", *array.shape)
        data += struct.pack("<BI", codes[array.dtype.name], array.nbytes) + array.tobytes()
    data += struct.pack("<I", 1) + _name("decoder/projection/weight")
    data += _name("decoder/embeddings/weight")
    path.write_bytes(data)
    return path


def _name(text: str) -> bytes:
    return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"
