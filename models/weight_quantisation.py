"""Float weights in, 8-bit weights and scales out, in two layouts that onnxruntime computes with."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.protocols import Float32Array

Int8Array: TypeAlias = NDArray[np.int8]
UInt8Array: TypeAlias = NDArray[np.uint8]

BLOCK: Final = 32
"""Inputs that share a scale in `quantise_blocks`."""
_ZERO: Final = 128
_MOST: Final = 127
_MOST_OF_COLUMNS: Final = 63
"""Seven bits: on processors with AVX2 but no VNNI the sum of two products of an unsigned input and
a signed weight has 16 bits, and larger weights overflow it. Unsigned weights would not, but are a
third slower there; over 330 clips the word error rate is the same."""


def quantise_columns(weight: Float32Array) -> tuple[Int8Array, Float32Array, Int8Array]:
    """Return steps, scales and zero points of `weight`, shape (inputs, outputs).

    Weight is about steps * scale, one scale an output. The layout is that of onnxruntime's
    DynamicQuantizeMatMul.
    """
    scales = _scales(np.abs(weight).max(axis=0), _MOST_OF_COLUMNS)
    return np.rint(weight / scales).astype(np.int8), scales, np.zeros(weight.shape[1], np.int8)


def quantise_blocks(weight: Float32Array) -> tuple[UInt8Array, Float32Array]:
    """Return steps (outputs, blocks, BLOCK) and scales (outputs * blocks,) of `weight`.

    weight: (outputs, inputs), inputs a multiple of BLOCK. The zero point is 128.
    The layout is that of onnxruntime's MatMulNBits with 8 bits.
    """
    outputs, inputs = weight.shape
    blocks = weight.reshape(outputs, inputs // BLOCK, BLOCK)
    scales = _scales(np.abs(blocks).max(axis=2), _MOST)
    steps = (np.rint(blocks / scales[..., None]) + _ZERO).astype(np.uint8)
    return steps, scales.reshape(-1)


def _scales(largest: Float32Array, most_steps: int) -> Float32Array:
    return np.where(largest > 0, largest / most_steps, 1.0).astype(np.float32)
