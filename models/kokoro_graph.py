"""Kokoro's int8 graph in, the same with its generator in float out: more than twice as fast.

The quantised graph spends 80 % of its time in the generator's ConvInteger nodes, for which the
runtime has no fast path. The weights stay what they were, rounded to 8 bits; only the sums are
done in float, and the rounding of the layers' inputs falls away, so that the sound loses nothing.
The other convolutions hold most of the weights and take little time: they stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import onnx
from msgspec import Struct
from onnx import helper, numpy_helper

_GENERATOR: Final = "/generator/"


class _Convolution(Struct, frozen=True):
    """What the quantiser made of one convolution."""

    node: onnx.NodeProto
    source: str
    """The float tensor that goes in."""
    result: str
    """The float tensor that comes out."""
    weight_scale: str
    bias: str | None


def with_float_generator(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with its generator's convolutions done in float, and x**2 as x*x."""
    graph = _Graph(model)
    replaced = {found.result: found for found in graph.convolutions()}
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        found = replaced.get(node.output[0])
        if found is not None:
            nodes.append(graph.float_convolution(found))
        elif node.op_type == "Pow" and graph.is_two(node.input[1]):
            nodes.append(helper.make_node("Mul", [node.input[0], node.input[0]], node.output))
        else:
            nodes.append(node)
    outputs = [output.name for output in model.graph.output]
    kept = _needed(nodes, outputs)
    read = {name for node in kept for name in node.input}
    result = onnx.ModelProto()
    result.CopyFrom(model)
    del result.graph.node[:], result.graph.initializer[:], result.graph.value_info[:]
    result.graph.node.extend(kept)
    weights = {**graph.weights, **graph.made}
    result.graph.initializer.extend(weights[name] for name in weights if name in read)
    return result


class _Graph:
    """Who makes and who reads each tensor."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.weights = {item.name: item for item in model.graph.initializer}
        self.made: dict[str, onnx.TensorProto] = {}
        self._makers = {name: node for node in model.graph.node for name in node.output}
        self._readers: dict[str, list[onnx.NodeProto]] = {}
        for node in model.graph.node:
            for name in node.input:
                self._readers.setdefault(name, []).append(node)
        self._nodes = list(model.graph.node)

    def convolutions(self) -> Iterator[_Convolution]:
        """Yield the generator's ConvIntegers with the nodes around that undo their rounding."""
        for node in self._nodes:
            if node.op_type != "ConvInteger" or _GENERATOR not in node.name:
                continue
            bias = None
            after = self._readers[node.output[0]][0]
            if after.op_type == "Add":
                bias = self._bias(after.input[1])
                after = self._readers[after.output[0]][0]
            scaled = self._readers[after.output[0]][0]
            scales = next(name for name in scaled.input if name != after.output[0])
            scale = next(name for name in self._makers[scales].input if name in self.weights)
            source = self._makers[node.input[0]].input[0]
            yield _Convolution(node, source, scaled.output[0], scale, bias)

    def float_convolution(self, found: _Convolution) -> onnx.NodeProto:
        """Return the convolution in float; its weights are kept in `made`."""
        _, weight, _, zero = found.node.input
        steps = numpy_helper.to_array(self.weights[weight]).astype(np.float32)
        steps -= numpy_helper.to_array(self.weights[zero]).astype(np.float32)
        values = steps * numpy_helper.to_array(self.weights[found.weight_scale])
        name = f"{weight}_float"
        self.made[name] = numpy_helper.from_array(values, name)
        inputs = [found.source, name, *([found.bias] if found.bias else [])]
        result = helper.make_node("Conv", inputs, [found.result], name=found.node.name)
        result.attribute.extend(found.node.attribute)
        return result

    def is_two(self, name: str) -> bool:
        """Tell whether a tensor is the constant 2."""
        known = self.weights.get(name)
        return known is not None and bool(np.all(numpy_helper.to_array(known) == 2))

    def _bias(self, name: str) -> str:
        """Return the float bias behind the nodes that round it: Reshape, Cast, Floor, Div."""
        while name not in self.weights:
            name = self._makers[name].input[0]
        return name


def _needed(nodes: list[onnx.NodeProto], outputs: list[str]) -> list[onnx.NodeProto]:
    wanted = set(outputs)
    kept = []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(node.input)
    return kept[::-1]
