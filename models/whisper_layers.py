"""A checkpoint's arrays in, the layers that Whisper's two graphs share out."""

from __future__ import annotations

import numpy as np

from models.onnx_writer import GraphWriter, Precision
from models.whisper_weights import WhisperWeights


class Layers:
    """Writes layers of a checkpoint into `writer`."""

    def __init__(self, weights: WhisperWeights, precision: Precision) -> None:
        self.weights = weights
        self.shape = weights.shape
        self.precision = precision
        self.writer = GraphWriter()

    def linear(self, value: str, name: str) -> str:
        """Multiply (n, inputs) by a weight and add its bias."""
        return self.writer.linear(value, *self.weights.linear(name), self.precision)

    def query(self, value: str, name: str) -> str:
        """Do the same where the first rows make queries.

        The attention's 1/sqrt(size) is worked into them, so that no graph multiplies scores.
        """
        weight, bias = self.weights.linear(name)
        factor = np.ones(len(bias), np.float32)
        factor[: self.shape.width] = self.shape.head_size**-0.5
        return self.writer.linear(value, weight * factor[:, None], bias * factor, self.precision)

    def split(self, value: str, count: int) -> list[str]:
        """Cut (n, count * width) into `count` pieces."""
        return self.writer.nodes("Split", count, value, axis=-1, num_outputs=count)

    def heads(self, value: str, order: tuple[int, int, int] = (1, 0, 2)) -> str:
        """Split (n, width) into heads; `order` rearranges (n, heads, size)."""
        target = self.writer.integers(0, self.shape.heads, self.shape.head_size)
        split = self.writer.node("Reshape", value, target)
        return self.writer.node("Transpose", split, perm=list(order))

    def mix(self, scores: str, mask: str | None, values: str) -> str:
        """Weigh (heads, m, size) values by (heads, n, m) scores plus mask: (n, width)."""
        writer = self.writer
        scores = scores if mask is None else writer.node("Add", scores, mask)
        shares = writer.node("Softmax", scores, axis=-1)
        mixed = writer.node("Transpose", writer.node("MatMul", shares, values), perm=[1, 0, 2])
        return writer.node("Reshape", mixed, writer.integers(0, self.shape.width))

    def add_feed_forward(self, value: str, prefix: str) -> str:
        """Add the two wide layers of a block to its stream."""
        writer = self.writer
        normal = self.normalise(value, f"{prefix}/layer_norm")
        weight, bias = self.weights.linear(f"{prefix}/linear_0")
        inner = writer.linear(normal, weight, None, self.precision)
        inner = writer.node("BiasGelu", inner, writer.constant(bias), fused=True)
        return writer.node("Add", value, self.linear(inner, f"{prefix}/linear_1"))

    def normalise(self, value: str, name: str) -> str:
        """Normalise the last dimension."""
        gamma, beta = (
            self.writer.constant(self.weights.array(f"{name}/{part}")) for part in ("gamma", "beta")
        )
        return self.writer.node("LayerNormalization", value, gamma, beta, axis=-1, epsilon=1e-5)

    def rows(self, value: str) -> str:
        """Return the length of the first dimension, an int64 vector of one."""
        return self.writer.node("Shape", value, start=0, end=1)
