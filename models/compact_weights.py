"""An ONNX model in, the same with its large weights stored in 16 or 8 bits out, computed in float.

Half or a quarter of the memory for a few milliseconds a run: each layer's weights are spread out
just before they are used. To be loaded with the optimiser off, which would spread them for good.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Stored: TypeAlias = tuple[list[onnx.TensorProto], onnx.NodeProto]
"""A weight as it is kept, and the node that spreads it out."""

_LAYERS: Final = {"Conv": 0, "FusedConv": 0, "ConvTranspose": 1, "MatMul": 1, "FusedMatMul": 1}
"""Operator → axis of its weight along which the outputs lie: each output has a scale."""
_LEAST_VALUES: Final = 16_384
_MOST_STEPS: Final = 127


def compact(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with weights in 8 bits and a DequantizeLinear before each layer of many."""
    return _stored(model, _in_8_bits)


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with weights in 16 bits and a Cast before each layer of many."""
    return _stored(model, _in_16_bits)


def _stored(
    model: onnx.ModelProto, store: Callable[[str, NDArray[np.float32], int], Stored]
) -> onnx.ModelProto:
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    axes = {node.input[1]: _LAYERS[node.op_type] for node in graph.node if node.op_type in _LAYERS}
    kept, spreading = [], {}
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.name not in axes or values.size < _LEAST_VALUES or values.dtype != np.float32:
            kept.append(weight)
            continue
        small, spreading[weight.name] = store(weight.name, values, axes[weight.name])
        kept += small
    nodes = []
    for node in graph.node:
        nodes += [spreading.pop(name) for name in list(node.input) if name in spreading]
        nodes.append(node)
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
    return result


def _in_16_bits(name: str, values: NDArray[np.float32], _axis: int) -> Stored:
    small = numpy_helper.from_array(values.astype(np.float16), f"{name}_half")
    return [small], helper.make_node("Cast", [small.name], [name], to=TensorProto.FLOAT)


def _in_8_bits(name: str, values: NDArray[np.float32], axis: int) -> Stored:
    steps, scales = _in_steps(values, axis)
    names = [f"{name}_steps", f"{name}_scales"]
    small = [numpy_helper.from_array(steps, names[0]), numpy_helper.from_array(scales, names[1])]
    return small, helper.make_node("DequantizeLinear", names, [name], axis=axis)


def _in_steps(
    values: NDArray[np.float32], axis: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return whole steps in [-127, 127] and the size of a step for each output."""
    others = tuple(dimension for dimension in range(values.ndim) if dimension != axis)
    largest = np.abs(values).max(axis=others, keepdims=True)
    scales = np.where(largest > 0, largest / _MOST_STEPS, 1.0).astype(np.float32)
    return np.rint(values / scales).astype(np.int8), scales.reshape(-1)
