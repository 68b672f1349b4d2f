"""Silero VAD's graph in, the same for 16 kHz and whole frames out, at a third of the memory.

The graph as published holds a second network for 8 kHz, and asks at each frame for shapes that are
always the same. Its network is written anew from its weights: the magnitudes of a short-time
Fourier transform, four convolutions, one LSTM step, one output. Source: the file itself.

Run as a program by `models.silero`, so that what this takes is given back whole:
`python -m models.silero_prepare MODEL FOLDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from onnx import numpy_helper

from models.apart import preparation
from models.errors import EngineFailed
from models.onnx_writer import GraphWriter
from models.protocols import Float32Array
from models.silero import GRAPH, INPUT_SHAPE, STATE_SHAPE

_AT_16_KHZ: Final = "then_branch"
_SPECTRUM: Final = "stft.forward_basis_buffer"
_STRIDES: Final = (1, 2, 2, 1)
"""Of the four convolutions."""
_HOP_SAMPLES: Final = 128
_MIRRORED_SAMPLES: Final = 64
_BINS: Final = 129
_WIDTH: Final = 128


def prepare(model: Path, folder: Path) -> None:
    """Write the graph into `folder`. Raises EngineFailed where the file is another graph."""
    try:
        published = onnx.load(str(model))
    except Exception as error:  # protobuf's and onnx's errors share no class
        raise EngineFailed(f"{model}: this is no ONNX file; fetch the model again") from error
    try:
        network = _network(_weights(published))
    except (KeyError, StopIteration) as error:
        raise EngineFailed(
            f"{model}: not Silero VAD 5 or 6; "
            "fetch it again with: python run_pipeline.py models fetch silero-vad"
        ) from error
    network.write(folder / GRAPH, whole=True)


def _weights(model: onnx.ModelProto) -> dict[str, Float32Array]:
    """Return the weights of the network for 16 kHz by their names in it."""
    choice = next(node for node in model.graph.node if node.op_type == "If")
    branch = next(each.g for each in choice.attribute if each.name == _AT_16_KHZ)
    constants = (node for node in branch.node if node.op_type == "Constant")
    return {
        node.output[0].rpartition("__")[2]: numpy_helper.to_array(node.attribute[0].t)
        for node in constants
    }


def _network(weights: dict[str, Float32Array]) -> GraphWriter:
    graph = GraphWriter()
    sound = graph.input("input", INPUT_SHAPE)
    state = graph.input("state", STATE_SHAPE)
    value = _magnitudes(graph, sound, weights[_SPECTRUM])
    for layer, stride in enumerate(_STRIDES):
        name = f"encoder.{layer}.reparam_conv"
        kernel, bias = (graph.constant(weights[f"{name}.{each}"]) for each in ("weight", "bias"))
        value = graph.node("Conv", value, kernel, bias, pads=[1, 1], strides=[stride])
        value = graph.node("Relu", value)
    step = graph.node("Reshape", value, graph.integers(1, 1, _WIDTH))
    hidden, after = _remembered(graph, step, state, weights)
    row = graph.node("Reshape", graph.node("Relu", hidden), graph.integers(1, _WIDTH))
    weight = weights["decoder.decoder.2.weight"].reshape(1, _WIDTH)
    score = graph.linear(row, weight, weights["decoder.decoder.2.bias"], "float")
    graph.output(graph.node("Sigmoid", score), "output", (1, 1))
    graph.output(after, "stateN", STATE_SHAPE)
    return graph


def _magnitudes(graph: GraphWriter, sound: str, basis: Float32Array) -> str:
    pads = graph.integers(0, 0, 0, _MIRRORED_SAMPLES)
    longer = graph.node("Pad", sound, pads, mode="reflect")
    row = graph.node("Unsqueeze", longer, graph.integers(1))
    both = graph.node("Conv", row, graph.constant(basis), strides=[_HOP_SAMPLES])
    squares = graph.node("Mul", both, both)
    real, imaginary = graph.nodes("Split", 2, squares, graph.integers(_BINS, _BINS), axis=1)
    return graph.node("Sqrt", graph.node("Add", real, imaginary))


def _remembered(
    graph: GraphWriter, step: str, state: str, weights: dict[str, Float32Array]
) -> tuple[str, str]:
    """Return what the LSTM says, and its state after it: (2, 1, WIDTH)."""
    of_step, of_past = (_gates(weights[f"decoder.rnn.weight_{each}"]) for each in ("ih", "hh"))
    biases = [_gates(weights[f"decoder.rnn.bias_{each}"]) for each in ("ih", "hh")]
    hidden, cell = graph.nodes("Split", 2, state, graph.integers(1, 1), axis=0)
    _, hidden, cell = graph.nodes(
        "LSTM", 3, step,
        graph.constant(of_step[None]), graph.constant(of_past[None]),
        graph.constant(np.concatenate(biases)[None]), "", hidden, cell,
        hidden_size=_WIDTH,
    )  # fmt: skip
    return hidden, graph.node("Concat", hidden, cell, axis=0)


def _gates(rows: Float32Array) -> Float32Array:
    """Return the gates in ONNX's order (input, output, forget, cell) from Torch's (i, f, c, o)."""
    enter, forget, cell, leave = np.split(rows, 4)
    return np.concatenate([enter, leave, forget, cell])


def main(arguments: list[str]) -> int:
    """Prepare, as `models.apart` asks; return an exit code."""
    model, folder = map(Path, arguments)
    return preparation(lambda: prepare(model, folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
