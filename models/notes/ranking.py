"""Nearness of meaning and words in common in, one score for each passage out. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.protocols import Float32Array

STEPS: Final = 127
"""A vector is stored in whole steps: its largest component has this many."""


def packed(vector: Float32Array) -> bytes:
    """Return a vector in int8; its length is lost, its direction is kept to half a per cent."""
    largest = float(np.abs(vector).max()) or 1.0
    steps: NDArray[np.int8] = np.rint(vector * (STEPS / largest)).astype(np.int8)
    return steps.tobytes()


def cosines(query: Float32Array, stored: Sequence[bytes]) -> Float32Array:
    """Return the cosines of `query`, of length one, and stored vectors: shape (n,), -1 to 1."""
    rows: NDArray[np.int8] = np.frombuffer(b"".join(stored), np.int8)
    vectors = rows.reshape(len(stored), -1).astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    result: Float32Array = vectors @ query / np.maximum(lengths, 1.0)
    return result


def words_in_common(found: Sequence[Sequence[int]], passages: int) -> dict[int, float]:
    """Return, by passage, the share of the question's words that it has, rare words counting more.

    found: for each word of the question the passages that have it; passages: how many there are.
    """
    weights = [math.log((passages + 1.0) / (len(each) + 0.5)) for each in found]
    total = sum(weights)
    shares: dict[int, float] = {}
    for each, weight in zip(found, weights, strict=True):
        for passage in each:
            shares[passage] = shares.get(passage, 0.0) + weight / total
    return shares


def scores(
    near: Mapping[int, float], shares: Mapping[int, float], words_weight: float
) -> dict[int, float]:
    """Return the score of each passage of `near`: its cosine, and more for words in common.

    A weighted sum, and none where nothing is in common: a note in the other language has no words
    of the question, and must not look worse for that.
    near: empty where meaning is not known: then words alone count, for all of `shares`.
    words_weight: what a passage gets that has all words of the question.
    """
    if not near:
        return dict(shares)
    return {
        passage: cosine + words_weight * shares.get(passage, 0.0)
        for passage, cosine in near.items()
    }
