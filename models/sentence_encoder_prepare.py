"""Weights and vocabulary of Universal Sentence Encoder v3 in, a folder that is only mapped out.

Run as a program by `models.sentence_encoder`, so that what this takes, 200 MB for three seconds, is
given back whole: `python -m models.sentence_encoder_prepare WEIGHTS VOCABULARY FOLDER`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sentencepiece import SentencePieceProcessor

from models.apart import preparation
from models.errors import EngineFailed
from models.onnx_writer import GraphWriter
from models.sentence_encoder import DIMENSIONS, GRAPH, RANGES, TABLE
from models.unigram_tokens import HASHES, IDS, LONGEST, SCORES, piece_hash

_Weights: TypeAlias = Mapping[str, NDArray[Any]]

_BRANCHES: Final = ((2, 0), (3, 1), (5, 2))
"""Words that a branch of convolutions sees at once, and how many of them lie before its own."""
_WIDTH: Final = 256
_TO_END: Final = np.iinfo(np.int64).max


def prepare(weights: Path, vocabulary: Path, folder: Path) -> None:
    """Write graph, table of pieces and vocabulary into `folder`. Raises EngineFailed."""
    try:
        with np.load(weights, allow_pickle=False) as archive:
            tensors = {name: archive[name] for name in archive.files}
        _write_table(tensors, folder)
        _Encoder(tensors).write(folder / GRAPH)
    except (KeyError, ValueError, OSError) as error:
        raise EngineFailed(
            f"{weights}: not the sentence encoder's weights ({error}); fetch it again with: "
            "python run_pipeline.py models fetch use-multilingual-v3"
        ) from error
    _write_pieces(vocabulary, folder)


def _write_table(tensors: _Weights, folder: Path) -> None:
    """Write the embeddings of the pieces, 8 bits each, one row a piece, and how to read them.

    In the archive piece `i` is row `i // n` of block `i % n`, and each block has its own range.
    """
    blocks = len(tensors["lo"])
    rows = len(tensors["q1"])
    table = np.empty((blocks * rows, DIMENSIONS), np.uint8)
    for block in range(blocks):
        table[block::blocks] = tensors[f"q{block + 1}"]
    table.tofile(folder / TABLE)
    ranges = np.stack([tensors["lo"], tensors["scale"]], axis=1).astype(np.float32)
    np.save(folder / RANGES, ranges)


def _write_pieces(vocabulary: Path, folder: Path) -> None:
    processor = SentencePieceProcessor(model_file=str(vocabulary))
    kept = [
        (piece_hash(processor.id_to_piece(piece)), piece, processor.get_score(piece))
        for piece in range(processor.vocab_size())
        if not (processor.is_unknown(piece) or processor.is_control(piece))
    ]
    kept.sort()
    hashes, ids, scores = zip(*kept, strict=True)
    if len(set(hashes)) < len(hashes):
        raise EngineFailed(f"{vocabulary}: two pieces share a hash; report this")
    np.save(folder / HASHES, np.array(hashes, np.uint64))
    np.save(folder / IDS, np.array(ids, np.int32))
    np.save(folder / SCORES, np.array(scores, np.float32))
    longest = max(len(processor.id_to_piece(piece)) for piece in ids)
    (folder / LONGEST).write_text(str(longest))


class _Encoder:
    """Writes the graph: embeddings of n pieces (n, 512) in, the sentence's (512,) out.

    Universal Sentence Encoder multilingual v3, the convolutional one (Yang et al., 2019,
    arXiv:1907.04307): three branches of two n-gram convolutions over a projection of the pieces,
    their sum over the sentence divided by the root of its length, and a dense network above.
    """

    def __init__(self, tensors: _Weights) -> None:
        self._tensors = tensors
        self._graph = GraphWriter()

    def write(self, path: Path) -> None:
        """Write the model file."""
        graph = self._graph
        pieces = graph.input("pieces", ["n", DIMENSIONS], TensorProto.FLOAT)
        branches = self._branches(pieces)
        features = self._norm(graph.node("Concat", pieces, *branches, axis=1), ["ln_g"], ["ln_b"])
        sums = graph.node("ReduceSum", features, graph.integers(0), keepdims=1)
        length = graph.node("Cast", self._length(pieces), to=TensorProto.FLOAT)
        projected = graph.node("MatMul", sums, self._constant("cnn_W"))
        shift = graph.node("Mul", length, self._constant("cnn_b"))
        mean = graph.node("Div", graph.node("Add", projected, shift), graph.node("Sqrt", length))
        graph.output(self._dense(mean), "latent", [1, DIMENSIONS])
        graph.write(path)

    def _branches(self, pieces: str) -> list[str]:
        """Project for all branches at once, because one norm goes over all; convolve each."""
        graph = self._graph
        names = [str(size) for size, _ in _BRANCHES]
        weight = np.concatenate([self._tensors[f"proj{name}"] for name in names], axis=1)
        bias = np.concatenate([self._tensors[f"proj_b{name}"] for name in names])
        projected = graph.node("MatMul", pieces, graph.constant(weight))
        projected = graph.node("Add", projected, graph.constant(bias))
        normed = self._norm(
            projected, [f"ln_g{name}" for name in names], [f"ln_b{name}" for name in names]
        )
        parts = graph.nodes("Split", len(names), normed, axis=1, num_outputs=len(names))
        return [
            self._convolved(self._convolved(part, size, left, "1"), size, left, "2")
            for part, (size, left) in zip(parts, _BRANCHES, strict=True)
        ]

    def _convolved(self, value: str, size: int, left: int, layer: str) -> str:
        graph = self._graph
        padded = graph.node("Pad", value, graph.integers(left, 0, size - 1 - left, 0))
        windows = [
            graph.node(
                "Slice", padded, graph.integers(at),
                graph.integers(at - size + 1 if at < size - 1 else _TO_END), graph.integers(0),
            )
            for at in range(size)
        ]  # fmt: skip
        window = graph.node("Concat", *windows, axis=1)
        summed = graph.node("MatMul", window, self._constant(f"w{layer}_{size}"))
        summed = graph.node("Add", summed, self._constant(f"b{layer}_{size}"))
        return graph.node("Add", value, graph.node("Relu", summed))

    def _dense(self, value: str) -> str:
        graph = self._graph
        first = graph.node("Relu", graph.node("MatMul", value, self._constant("d0")))
        second = self._mixed(value, "p1", first, "d1")
        second = graph.node("Relu", second)
        third = graph.node("Relu", graph.node("MatMul", second, self._constant("d2")))
        latent = graph.node("Tanh", self._mixed(second, "p3", third, "d3"))
        return graph.node("LpNormalization", latent, axis=1, p=2)

    def _mixed(self, left: str, left_weight: str, right: str, right_weight: str) -> str:
        graph = self._graph
        return graph.node(
            "Add",
            graph.node("MatMul", left, self._constant(left_weight)),
            graph.node("MatMul", right, self._constant(right_weight)),
        )

    def _norm(self, value: str, scales: list[str], shifts: list[str]) -> str:
        scale, shift = (
            np.concatenate([self._tensors[name] for name in names]) for names in (scales, shifts)
        )
        graph = self._graph
        return graph.node(
            "LayerNormalization", value, graph.constant(scale), graph.constant(shift),
            axis=-1, epsilon=float(self._tensors["eps"]),
        )  # fmt: skip

    def _length(self, pieces: str) -> str:
        return self._graph.node("Shape", pieces, start=0, end=1)

    def _constant(self, name: str) -> str:
        return self._graph.constant(self._tensors[name])


def main(arguments: list[str]) -> int:
    """Prepare, as `models.apart` asks; return an exit code."""
    weights, vocabulary, folder = map(Path, arguments)
    return preparation(lambda: prepare(weights, vocabulary, folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
