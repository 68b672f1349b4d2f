"""Tiny ONNX files with the inputs, names and kinds of nodes of real voices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

CHANNELS = 4
HOP = 8
SYMBOLS = {symbol: [number] for number, symbol in enumerate("_^$ aeiouhlmnstbd\u02c8.,?!")}


class _Writer:
    """Collects nodes and constants."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._noise = np.random.default_rng(7)

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def weight(self, name: str, *shape: int) -> str:
        return self.constant(name, self._noise.normal(0, 0.3, shape).astype(np.float32))

    def node(self, operator: str, name: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401
        made = helper.make_node(operator, inputs, [f"{name}_output_0"], name=name, **attributes)
        self.nodes.append(made)
        return f"{name}_output_0"


def write_tiny_piper(folder: Path, *, speakers: int = 1) -> Path:
    """Write a voice with Piper's graph on a small scale, and its settings; return the voice."""
    w = _Writer()
    integer = np.array
    ints = {n: w.constant(f"i{n}", integer([n], np.int64)) for n in (-1, 0, 1, 2)}
    w.constant("two", integer(2, np.int64))
    w.constant("zero", integer(0, np.int64))
    w.constant("step", integer(1, np.int64))
    scale = [
        w.node("Gather", f"/Gather_{n}", "scales", w.constant(f"s{n}", integer(n, np.int64)))
        for n in range(3)
    ]
    embedded = w.node("Gather", "/enc_p/emb", w.weight("emb", len(SYMBOLS), CHANNELS), "input")
    hidden = w.node("Transpose", "/enc_p/Transpose", embedded, perm=[0, 2, 1])
    _durations(w, hidden, scale)
    mean = w.node("Gather", "/Transpose_3", hidden, "frame_symbols", axis=2)
    spread = w.node("Exp", "/Exp_1", w.node("Mul", "/Mul_4", mean, scale[1]))
    shape = w.node("Concat", "/Concat", ints[1], ints[1], "frames", axis=0)
    mask = w.node("ConstantOfShape", "/Cast_2", shape,
                  value=numpy_helper.from_array(np.ones(1, np.float32)))  # fmt: skip
    noise = w.node("RandomNormalLike", "/RandomNormalLike", mean, dtype=1)
    loud = w.node("Mul", "/Mul_6", w.node("Mul", "/Mul_5", noise, spread), scale[0])
    drawn = w.node("Add", "/Add", mean, loud)
    kernel = w.weight("flow", CHANNELS, CHANNELS, 5)
    flowed = w.node("Conv", "/flow/pre/Conv", drawn, kernel, kernel_shape=[5], pads=[2, 2])
    z = w.node("Mul", "/Mul_7", w.node("Add", "/flow/Add", drawn, flowed), mask)
    _decoder(w, z, speakers)
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, ["batch", "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch"]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    if speakers > 1:
        inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, ["batch"]))
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 1, 1, "time"])
    graph = helper.make_graph(w.nodes, "tiny", inputs, [output], w.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    voice = folder / "tiny.onnx"
    onnx.save(model, str(voice))
    _write_config(voice, speakers)
    return voice


def _durations(w: _Writer, hidden: str, scale: list[str]) -> None:
    """Make `frames` (1,) and `frame_symbols` (frames,), with noise as in Piper's predictor."""
    length = w.node("Gather", "/dp/Gather", w.node("Shape", "/dp/Shape", hidden), "two")
    length = w.node("Unsqueeze", "/dp/Unsqueeze", length, "i0")
    shape = w.node("Concat", "/dp/Concat", "i1", "i2", length, axis=0)
    zeros = w.node("ConstantOfShape", "/dp/ConstantOfShape", shape)
    noise = w.node("RandomNormalLike", "/dp/RandomNormalLike", zeros, dtype=1)
    noise = w.node("Abs", "/dp/Abs", w.node("Mul", "/dp/Mul", noise, scale[2]))
    wide = w.node("ReduceSum", "/dp/ReduceSum", noise, "i1", keepdims=0)
    wide = w.node("Add", "/dp/Add", wide, w.constant("three", np.array(3, np.float32)))
    whole = w.node("Ceil", "/Ceil", w.node("Mul", "/Mul_3", wide, scale[1]))
    counts = w.node("Cast", "/Cast_1", whole, to=TensorProto.INT64)
    ends = w.node("CumSum", "/CumSum", counts, "step")
    total = w.node("ReduceSum", "/ReduceSum", counts, "i1", keepdims=0)
    w.nodes.append(helper.make_node("Identity", [total], ["frames"]))
    last = w.node("Squeeze", "/Squeeze", total, "i0")
    steps = w.node("Range", "/Range", "zero", last, "step")
    steps = w.node("Unsqueeze", "/Unsqueeze", steps, "i1")
    over = w.node("LessOrEqual", "/LessOrEqual", ends, steps)
    over = w.node("Cast", "/Cast_3", over, to=TensorProto.INT64)
    w.nodes.append(helper.make_node("ReduceSum", [over, "i1"], ["frame_symbols"], keepdims=0))


def _decoder(w: _Writer, z: str, speakers: int) -> None:
    kernel = w.weight("dec.pre", CHANNELS, CHANNELS, 3)
    sound = w.node("Conv", "/dec/conv_pre/Conv", z, kernel, kernel_shape=[3], pads=[1, 1])
    if speakers > 1:
        chosen = w.node("Gather", "/emb_g/Gather", w.weight("emb_g", speakers, CHANNELS), "sid")
        chosen = w.node("Unsqueeze", "/Unsqueeze_g", chosen, "i-1")
        kernel = w.weight("dec.cond", CHANNELS, CHANNELS, 1)
        who = w.node("Conv", "/dec/cond/Conv", chosen, kernel, kernel_shape=[1])
        sound = w.node("Add", "/dec/Add", sound, who)
    sound = w.node("LeakyRelu", "/dec/LeakyRelu", sound, alpha=0.1)
    sound = w.node(
        "ConvTranspose", "/dec/ups.0/ConvTranspose", sound,
        w.weight("dec.up", CHANNELS, 1, 2 * HOP),
        kernel_shape=[2 * HOP], strides=[HOP], pads=[HOP // 2, HOP // 2],
    )  # fmt: skip
    sound = w.node("Tanh", "/dec/Tanh", sound)
    w.nodes.append(helper.make_node("Unsqueeze", [sound, "i1"], ["output"], name="/Unsqueeze_11"))


def _write_config(voice: Path, speakers: int) -> None:
    settings = {
        "audio": {"sample_rate": 16_000, "quality": "tiny"},
        "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_map": {},
        "phoneme_id_map": SYMBOLS,
        "num_speakers": speakers,
    }
    voice.with_name(f"{voice.name}.json").write_text(json.dumps(settings), encoding="utf-8")
