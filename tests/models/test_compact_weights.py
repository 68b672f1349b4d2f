from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.compact_weights import compact, halve


def _layers() -> onnx.ModelProto:
    noise = np.random.default_rng(1)
    weights = {
        "kernel": noise.normal(0, 0.1, (64, 64, 5)),
        "up": noise.normal(0, 0.1, (64, 32, 16)),
        "small": noise.normal(0, 0.1, (32, 32, 1)),
    }
    nodes = [
        helper.make_node("Conv", ["x", "kernel"], ["a"], pads=[2, 2]),
        helper.make_node("ConvTranspose", ["a", "up"], ["b"], strides=[8], pads=[4, 4]),
        helper.make_node("Conv", ["b", "small"], ["y"]),
    ]
    tensors = [numpy_helper.from_array(w.astype(np.float32), n) for n, w in weights.items()]
    graph = helper.make_graph(
        nodes,
        "layers",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 64, "t"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        tensors,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def test_large_weights_take_a_quarter_and_compute_the_same_within_a_step() -> None:
    """Only the layers of many weights change, and the sound of them by 2 % at most."""
    model = _layers()
    small = compact(model)
    assert len(small.SerializeToString()) < 0.3 * len(model.SerializeToString())
    kinds = {item.name: item.data_type for item in small.graph.initializer}
    assert kinds["kernel_steps"] == kinds["up_steps"] == TensorProto.INT8
    assert kinds["small"] == TensorProto.FLOAT
    before, after = _outputs(model, small)
    assert np.abs(before - after).max() < 0.03 * np.abs(before).max()
    assert np.sqrt(np.mean((before - after) ** 2)) < 0.02 * np.sqrt(np.mean(before**2))


def test_large_weights_take_half_and_compute_the_same_to_three_digits() -> None:
    """In 16 bits."""
    model = _layers()
    small = halve(model)
    assert len(small.SerializeToString()) < 0.53 * len(model.SerializeToString())
    kinds = {item.name: item.data_type for item in small.graph.initializer}
    assert kinds["kernel_half"] == kinds["up_half"] == TensorProto.FLOAT16
    assert kinds["small"] == TensorProto.FLOAT
    before, after = _outputs(model, small)
    assert 0 < np.abs(before - after).max() < 0.001 * np.abs(before).max()


def _outputs(*models: onnx.ModelProto) -> list[NDArray[np.float32]]:
    x = np.random.default_rng(2).standard_normal((1, 64, 20), np.float32)
    return [
        ort.InferenceSession(m.SerializeToString(), providers=["CPUExecutionProvider"]).run(
            None, {"x": x}
        )[0]
        for m in models
    ]
