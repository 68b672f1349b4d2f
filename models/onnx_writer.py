"""Tensors and operators in, an ONNX model out: what the graphs of this project are written with.

Written for onnxruntime with its optimiser off: fused operators (of its `com.microsoft` domain)
are written down directly, so that a session loads in milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.protocols import Float32Array
from models.weight_quantisation import BLOCK, quantise_blocks, quantise_columns

Precision: TypeAlias = Literal["float", "rows", "blocks"]
"""How a linear layer computes: `float`, in float32. `rows`: 8-bit weights with a scale an output,
8-bit inputs with a scale a row; the faster one for many rows. `blocks`: 8-bit weights and inputs
with a scale each BLOCK inputs; more exact, and faster for one row."""

_FUSED: Final = "com.microsoft"
_OPSET: Final = 21
_LEAST_ROW: Final = 1e-6
"""Largest value of a row below which it counts as zero."""
_IR_VERSION: Final = 10


class GraphWriter:
    """Collects nodes, constants, inputs and outputs, and writes them as a model."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._public: dict[str, str] = {}
        self._count = 0

    def input(self, name: str, shape: Sequence[int | str], kind: int = TensorProto.FLOAT) -> str:
        """Declare an input; strings in `shape` are free dimensions."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, value: str, name: str, shape: Sequence[int | str]) -> None:
        """Declare that float `value` leaves the graph as `name`."""
        self._public[value] = name
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def constant(self, array: NDArray[Any]) -> str:
        """Add an initializer; float16 becomes float32."""
        array = array.astype(np.float32) if array.dtype == np.float16 else array
        name = self._name("constant")
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def integers(self, *values: int) -> str:
        """Add an int64 vector."""
        return self.constant(np.array(values, np.int64))

    def node(self, operator: str, *inputs: str, fused: bool = False, **attributes: Any) -> str:  # noqa: ANN401
        """Add an operator with one output and return the output's name."""
        return self.nodes(operator, 1, *inputs, fused=fused, **attributes)[0]

    def nodes(
        self,
        operator: str,
        count: int,
        *inputs: str,
        fused: bool = False,
        **attributes: Any,  # noqa: ANN401
    ) -> list[str]:
        """Add an operator with `count` outputs and return their names."""
        outputs = [self._name(operator.lower()) for _ in range(count)]
        domain = _FUSED if fused else ""
        self._nodes.append(helper.make_node(operator, inputs, outputs, domain=domain, **attributes))
        return outputs

    def linear(
        self,
        value: str,
        weight: Float32Array,
        bias: Float32Array | None,
        precision: Precision,
    ) -> str:
        """Add `value @ weight.T + bias`; weight: (outputs, inputs), bias: (outputs,)."""
        if precision == "rows":
            return self._row_linear(value, weight, bias)
        if precision == "blocks":
            return self._block_linear(value, weight, bias)
        product = self.node("MatMul", value, self.constant(weight.T))
        return product if bias is None else self.node("Add", product, self.constant(bias))

    def write(self, path: Path, *, whole: bool = False) -> None:
        """Write the model, and its large constants beside it, where a session maps them.

        whole: a small one, all in one file.
        """
        for node in self._nodes:
            node.input[:] = [self._public.get(name, name) for name in node.input]
            node.output[:] = [self._public.get(name, name) for name in node.output]
        graph = helper.make_graph(
            self._nodes, path.stem, self._inputs, self._outputs, self._constants
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
        beside = None if whole else path.with_suffix(".weights").name
        onnx.save_model(model, path, save_as_external_data=not whole, location=beside)

    def _row_linear(self, value: str, weight: Float32Array, bias: Float32Array | None) -> str:
        """Bring each row to the range -1 to 1, because the operator has one scale for all rows.

        Without that, the few loud positions of a Whisper layer cost the others their precision.
        """
        largest = self.node("ReduceMax", self.node("Abs", value), self.integers(-1), keepdims=1)
        largest = self.node("Max", largest, self.constant(np.array([_LEAST_ROW], np.float32)))
        level = self.node("Div", value, largest)
        operands = [self.constant(array) for array in quantise_columns(weight.T)]
        product = self.node("DynamicQuantizeMatMul", level, *operands, fused=True)
        product = self.node("Mul", product, largest)
        return product if bias is None else self.node("Add", product, self.constant(bias))

    def _block_linear(self, value: str, weight: Float32Array, bias: Float32Array | None) -> str:
        outputs, inputs = weight.shape
        steps, scales = quantise_blocks(weight)
        operands = [self.constant(steps), self.constant(scales)]
        operands += [] if bias is None else ["", "", self.constant(bias)]
        return self.node(
            "MatMulNBits", value, *operands, fused=True,
            N=outputs, K=inputs, bits=8, block_size=BLOCK, accuracy_level=4,
        )  # fmt: skip

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}_{self._count}"
