from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.onnx_session import Graph
from models.onnx_writer import GraphWriter, Precision
from models.protocols import Float32Array
from models.weight_quantisation import quantise_blocks, quantise_columns

OUTPUTS, INPUTS = 96, 64


def _layer(folder: Path, precision: Precision, weight: Float32Array, bias: Float32Array) -> Graph:
    writer = GraphWriter()
    value = writer.linear(writer.input("x", ["rows", INPUTS]), weight, bias, precision)
    writer.output(value, "y", ["rows", OUTPUTS])
    writer.write(folder / "layer.onnx")
    return Graph(folder / "layer.onnx", threads=1, optimised=True)


@pytest.mark.parametrize(("precision", "most"), [("float", 1e-6), ("rows", 0.02), ("blocks", 0.02)])
@pytest.mark.parametrize("rows", [1, 3, 50])
def test_computes_a_linear_layer(
    tmp_path: Path, precision: Precision, most: float, rows: int
) -> None:
    """Each precision gives the product within its rounding, for one row and for many."""
    draw = np.random.default_rng(1)
    weight = draw.standard_normal((OUTPUTS, INPUTS)).astype(np.float32)
    bias = draw.standard_normal(OUTPUTS).astype(np.float32)
    value = draw.standard_normal((rows, INPUTS)).astype(np.float32)
    found = _layer(tmp_path, precision, weight, bias).run({"x": value})[0]
    right = value @ weight.T + bias
    assert np.linalg.norm(found - right) < most * np.linalg.norm(right)


def test_a_loud_row_does_not_spoil_the_others(tmp_path: Path) -> None:
    """With 8-bit inputs, a row a thousand times larger leaves the other rows their precision."""
    draw = np.random.default_rng(2)
    weight = draw.standard_normal((OUTPUTS, INPUTS)).astype(np.float32)
    value = draw.standard_normal((8, INPUTS)).astype(np.float32)
    value[3] *= 1_000
    value[5] = 0
    found = _layer(tmp_path, "rows", weight, np.zeros(OUTPUTS, np.float32)).run({"x": value})[0]
    right = value @ weight.T
    errors = np.linalg.norm(found - right, axis=1) / (np.linalg.norm(right, axis=1) + 1e-9)
    assert errors.max() < 0.02


def test_quantised_weights_lie_within_half_a_step() -> None:
    """Both layouts round to the nearest step, and a layer of zeros stays one."""
    draw = np.random.default_rng(3)
    weight = draw.standard_normal((INPUTS, OUTPUTS)).astype(np.float32)
    weight[:, 7] = 0
    steps, scales, zeros = quantise_columns(weight)
    back = (steps.astype(np.float32) - zeros) * scales
    assert (np.abs(back - weight) <= 0.51 * scales).all()
    blocks, block_scales = quantise_blocks(weight.T.copy())
    spread = block_scales.reshape(OUTPUTS, -1, 1)
    back = ((blocks.astype(np.float32) - 128) * spread).reshape(OUTPUTS, INPUTS)
    assert (np.abs(back - weight.T) <= 0.51 * spread.repeat(32, axis=2).reshape(back.shape)).all()
