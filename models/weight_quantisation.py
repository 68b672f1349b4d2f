"""Float weights in, 8-bit weights and scales out, in two layouts that onnxruntime computes with."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.protocols import Float32Array

UInt8Array: TypeAlias = NDArray[np.uint8]

BLOCK: Final = 32
"""Inputs that share a scale in `quantise_blocks`."""
_ZERO: Final = 128
_MOST: Final = 127


def quantise_columns(weight: Float32Array) -> tuple[UInt8Array, Float32Array, UInt8Array]:
    """Return steps, scales and zero points of `weight`, shape (inputs, outputs).

    Weight is about (steps - zero) * scale, one scale and zero point an output. Unsigned, because
    the product of unsigned input and signed weight saturates on processors with AVX2 but no VNNI.
    """
    scales = _scales(np.abs(weight).max(axis=0))
    return _steps(weight / scales), scales, np.full(weight.shape[1], _ZERO, np.uint8)


def quantise_blocks(weight: Float32Array) -> tuple[UInt8Array, Float32Array]:
    """Return steps (outputs, blocks, BLOCK) and scales (outputs * blocks,) of `weight`.

    weight: (outputs, inputs), inputs a multiple of BLOCK. The zero point is 128.
    The layout is that of onnxruntime's MatMulNBits with 8 bits.
    """
    outputs, inputs = weight.shape
    blocks = weight.reshape(outputs, inputs // BLOCK, BLOCK)
    scales = _scales(np.abs(blocks).max(axis=2))
    return _steps(blocks / scales[..., None]), scales.reshape(-1)


def _scales(largest: Float32Array) -> Float32Array:
    return np.where(largest > 0, largest / _MOST, 1.0).astype(np.float32)


def _steps(scaled: Float32Array) -> UInt8Array:
    return (np.rint(scaled) + _ZERO).astype(np.uint8)
