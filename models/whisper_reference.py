"""Whisper's forward pass in NumPy, float32: what silence looks like inside, and what is right.

Slow and plain. The exporter computes the cached silence with it and checks its graphs against it.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from models.protocols import Float32Array
from models.whisper_weights import WhisperWeights


class Encoded(Struct, frozen=True):
    """What the encoder makes of a stretch of sound; lists run over its or the decoder's layers."""

    keys: list[Float32Array]
    """(T, width) each."""
    values: list[Float32Array]
    states: Float32Array
    """(T, width), normalised."""
    cross_keys: list[Float32Array]
    cross_values: list[Float32Array]


class WhisperReference:
    """Computes with the arrays of a checkpoint as they are."""

    def __init__(self, weights: WhisperWeights) -> None:
        self._weights = weights
        self.shape = weights.shape

    def encode(self, mel: Float32Array) -> Encoded:
        """Return what the encoder makes of `mel`, shape (bands, 2T)."""
        value = gelu(self._convolve(mel, "encoder/conv1", 1))
        value = gelu(self._convolve(value, "encoder/conv2", 2)).T
        value = value + self._weights.array("encoder/position_encodings/encodings")[: len(value)]
        keys, values = [], []
        for layer in range(self.shape.encoder_layers):
            prefix = f"encoder/layer_{layer}"
            normal = self._normalise(value, f"{prefix}/self_attention/layer_norm")
            query, key, own = np.split(
                self._linear(normal, f"{prefix}/self_attention/linear_0"), 3, axis=-1
            )
            keys.append(key)
            values.append(own)
            mixed = self._attend(query, key, own, None)
            value = value + self._linear(mixed, f"{prefix}/self_attention/linear_1")
            value = value + self._feed_forward(value, prefix)
        states = self._normalise(value, "encoder/layer_norm")
        crossed = [
            np.split(self._linear(states, f"decoder/layer_{layer}/attention/linear_1"), 2, axis=-1)
            for layer in range(self.shape.decoder_layers)
        ]
        return Encoded(keys, values, states, [k for k, _ in crossed], [v for _, v in crossed])

    def logits(self, tokens: list[int], encoded: Encoded) -> Float32Array:
        """Return the logits after each of `tokens`, shape (tokens, vocabulary)."""
        count = len(tokens)
        value = self._weights.array("decoder/embeddings/weight")[tokens]
        value = value + self._weights.array("decoder/position_encodings/encodings")[:count]
        future = np.triu(np.full((count, count), -np.inf, np.float32), 1)
        for layer in range(self.shape.decoder_layers):
            prefix = f"decoder/layer_{layer}"
            normal = self._normalise(value, f"{prefix}/self_attention/layer_norm")
            query, key, own = np.split(
                self._linear(normal, f"{prefix}/self_attention/linear_0"), 3, axis=-1
            )
            mixed = self._attend(query, key, own, future)
            value = value + self._linear(mixed, f"{prefix}/self_attention/linear_1")
            normal = self._normalise(value, f"{prefix}/attention/layer_norm")
            query = self._linear(normal, f"{prefix}/attention/linear_0")
            mixed = self._attend(
                query, encoded.cross_keys[layer], encoded.cross_values[layer], None
            )
            value = value + self._linear(mixed, f"{prefix}/attention/linear_2")
            value = value + self._feed_forward(value, prefix)
        value = self._normalise(value, "decoder/layer_norm")
        result: Float32Array = value @ self._weights.array("decoder/projection/weight").T
        return result

    def _convolve(self, value: Float32Array, name: str, stride: int) -> Float32Array:
        """Convolve (channels, frames) with a kernel of 3 frames."""
        kernel, bias = self._weights.linear(name)
        padded = np.pad(value, ((0, 0), (1, 1)))
        ends = padded.shape[1] - 2
        result = bias[:, None] + sum(
            kernel[:, :, tap] @ padded[:, tap : ends + tap : stride] for tap in range(3)
        )
        return result.astype(np.float32)

    def _attend(
        self, query: Float32Array, key: Float32Array, value: Float32Array, mask: Float32Array | None
    ) -> Float32Array:
        heads, size = self.shape.heads, self.shape.head_size
        query, key, value = (
            part.reshape(-1, heads, size).transpose(1, 0, 2) for part in (query, key, value)
        )
        scores = query @ key.transpose(0, 2, 1) * np.float32(size**-0.5)
        scores = scores if mask is None else scores + mask
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed: Float32Array = (scores @ value).transpose(1, 0, 2).reshape(-1, heads * size)
        return mixed

    def _feed_forward(self, value: Float32Array, prefix: str) -> Float32Array:
        inner = self._linear(
            self._normalise(value, f"{prefix}/ffn/layer_norm"), f"{prefix}/ffn/linear_0"
        )
        return self._linear(gelu(inner), f"{prefix}/ffn/linear_1")

    def _linear(self, value: Float32Array, name: str) -> Float32Array:
        weight, bias = self._weights.linear(name)
        result: Float32Array = value @ weight.T + bias
        return result

    def _normalise(self, value: Float32Array, name: str) -> Float32Array:
        centred = value - value.mean(axis=-1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
        gamma, beta = (self._weights.array(f"{name}/{part}") for part in ("gamma", "beta"))
        result: Float32Array = centred / deviation * gamma + beta
        return result


def gelu(value: Float32Array) -> Float32Array:
    """Return x * Phi(x), with erf as formula 7.1.26 of Abramowitz and Stegun (error < 2e-7)."""
    size = np.abs(value) * np.float32(2**-0.5)
    step = 1 / (1 + np.float32(0.3275911) * size)
    series = np.zeros_like(step)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = (series + np.float32(factor)) * step
    tail = series * np.exp(-size * size)
    result: Float32Array = (0.5 * value * (1 + np.sign(value) * (1 - tail))).astype(np.float32)
    return result
