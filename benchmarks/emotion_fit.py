"""Features and labels in, the weights of the emotion head out: a shrunk linear discriminant."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from config.emotions import HEARD, UNHEARD
from models.emotion.features import PROSODY, SHARES, STATES
from models.onnx_writer import GraphWriter

Array: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int64]

SHRINKAGE: Final = 0.3
"""Share of a round covariance: 165 clips do not tell that of 581 numbers."""
READ_SHARE: Final = 0.3
"""Weight of other people's read speech within the class neutral. What it differs in from the
actors' studio thereby counts as a difference within a class, which the discriminant ignores."""
MOST_DEVIATIONS: Final = 4.0
"""A number further from its mean than this counts as this far: a strange microphone decides
nothing by itself."""


class Fit(Struct, frozen=True):
    """A linear classifier of standardised features."""

    mean: Array
    deviation: Array
    weight: Array
    """(features, classes)."""
    bias: Array

    def logits(self, features: NDArray[np.float32]) -> Array:
        """Return (n, classes) for features (n, width)."""
        return standardised(features, self.mean, self.deviation) @ self.weight + self.bias


def standardised(features: NDArray[np.float32], mean: Array, deviation: Array) -> Array:
    """Return features in deviations from the mean, within MOST_DEVIATIONS."""
    return np.clip((features - mean) / deviation, -MOST_DEVIATIONS, MOST_DEVIATIONS)


def fit(features: NDArray[np.float32], labels: Labels, read: NDArray[np.float32]) -> Fit:
    """Return the linear discriminant of equally frequent classes.

    features: (n, width), of labelled clips. read: (m, width), of read speech by others.
    """
    mean = features.mean(axis=0, dtype=np.float64)
    deviation = features.std(axis=0, dtype=np.float64) + 1e-6
    points = standardised(np.vstack([features, read]), mean, deviation)
    classes = np.concatenate([labels, np.zeros(len(read), np.int64)])
    weights = 1.0 / np.bincount(labels)[classes]
    weights[: len(labels)][labels == 0] *= 1 - READ_SHARE
    weights[len(labels) :] = READ_SHARE / len(read)
    kinds = range(len(HEARD))
    centres = np.stack([weights[classes == kind] @ points[classes == kind] for kind in kinds])
    within = points - centres[classes]
    scatter = (within * weights[:, None]).T @ within / len(HEARD)
    size = len(scatter)
    scatter = (1 - SHRINKAGE) * scatter + SHRINKAGE * np.trace(scatter) / size * np.eye(size)
    weight = np.linalg.solve(scatter, centres.T)
    return Fit(mean, deviation, weight, -0.5 * np.sum(centres.T * weight, axis=0))


def shares(logits: Array) -> Array:
    """Return the softmax of each row."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Array = powers / powers.sum(axis=1, keepdims=True)
    return result


def temper(logits: Array, labels: Labels) -> float:
    """Return the factor of logits at which shares of unseen speakers tell their probability."""

    def likelihood(factor: float) -> float:
        right = np.log(shares(factor * logits)[np.arange(len(labels)), labels] + 1e-12)
        return float(np.mean([right[labels == kind].mean() for kind in range(len(HEARD))]))

    return float(max(np.linspace(0.02, 1.0, 99), key=likelihood))


def write_head(found: Fit, factor: float, width: int, path: Path) -> None:
    """Write the graph of a classifier whose first `width` features are pooled states."""
    writer = GraphWriter()
    states = writer.input(STATES, ["positions", width])
    pool = writer.input(SHARES, [1, "positions"])
    spoken = writer.input(PROSODY, [1, len(found.mean) - width])
    value = writer.node("Concat", writer.node("MatMul", pool, states), spoken, axis=1)
    value = writer.node("Sub", value, writer.constant(found.mean.astype(np.float32)))
    value = writer.node("Div", value, writer.constant(found.deviation.astype(np.float32)))
    ends = [
        writer.constant(np.array(end, np.float32)) for end in (-MOST_DEVIATIONS, MOST_DEVIATIONS)
    ]
    value = writer.node("Clip", value, *ends)
    weight, bias = (factor * each.astype(np.float32) for each in (found.weight, found.bias))
    value = writer.linear(value, weight.T, bias, "float")
    value = writer.node("Softmax", value, axis=-1)
    nothing = writer.constant(np.zeros((1, len(UNHEARD)), np.float32))
    value = writer.node("Concat", value, nothing, axis=1)
    value = writer.node("Squeeze", value, writer.integers(0))
    writer.output(value, "emotion", [len(HEARD) + len(UNHEARD)])
    writer.write(path, whole=True)
