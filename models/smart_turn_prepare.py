"""Smart Turn's graph in, the same graph for half the sound out, in less than half the time.

Run as a program by `models.smart_turn`, so that what this takes is given back whole:
`python -m models.smart_turn_prepare MODEL FOLDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.apart import preparation
from models.errors import EngineFailed
from models.onnx_session import write_optimised
from models.smart_turn import GRAPH, STATES, WINDOW_FRAMES

_POSITIONS_NAME: Final = "inner.encoder.embed_positions.weight"
_LAST_NORM: Final = "layer_norm_8"
_FRAMES_PER_POSITION: Final = 2


def prepare(model: Path, folder: Path) -> None:
    """Write the graph into `folder`: shorter, and with the encoder's states for its output.

    The graph's positions are learned and end where the sound does, so the last ones are kept.
    Raises EngineFailed where the file is another graph.
    """
    graph = onnx.load(str(model))
    try:
        _shorten(graph.graph)
    except StopIteration as error:
        raise EngineFailed(
            f"{model}: not Smart Turn v3.2; "
            "fetch it again with: python run_pipeline.py models fetch smart-turn-v3.2"
        ) from error
    raw = folder / "raw.onnx"
    onnx.save(graph, str(raw))
    write_optimised(raw, folder / GRAPH)
    raw.unlink()


def _shorten(graph: onnx.GraphProto) -> None:
    table = next(each for each in graph.initializer if each.name == _POSITIONS_NAME)
    kept = WINDOW_FRAMES // _FRAMES_PER_POSITION
    positions = numpy_helper.to_array(table)
    lengths = [
        each
        for each in graph.initializer
        if each.data_type == TensorProto.INT64
        and numpy_helper.to_array(each).tolist() == [len(positions)]
    ]
    for length in lengths:
        length.CopyFrom(numpy_helper.from_array(np.array([kept], np.int64), length.name))
    table.CopyFrom(numpy_helper.from_array(positions[-kept:].copy(), table.name))
    graph.input[0].type.tensor_type.shape.dim[2].dim_value = WINDOW_FRAMES
    del graph.value_info[:]
    next(node for node in graph.node if _LAST_NORM in node.output).output[:] = [STATES]
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(STATES, TensorProto.FLOAT, None))
    _prune(graph)


def _prune(graph: onnx.GraphProto) -> None:
    """Take out what the states do not need: the classifier above them."""
    needed = {STATES}
    kept = []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    constants = [each for each in graph.initializer if each.name in needed]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(constants)


def main(arguments: list[str]) -> int:
    """Prepare, as `models.apart` asks; return an exit code."""
    model, folder = map(Path, arguments)
    return preparation(lambda: prepare(model, folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
