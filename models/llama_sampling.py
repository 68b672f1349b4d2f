"""Logits in, the next token out: a pure sampler, the same for the same state and seed.

Order and meaning as in llama.cpp: repeat penalty, top-p, min-p, temperature, draw. Written on
NumPy because a pass over 65,536 candidates through the C samplers takes over a millisecond a
token, and because its randomness must depend on the position only: an answer that is taken up in
its middle then goes on as it would have gone on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.protocols import Float32Array, Sampling

RECENT_TOKENS: Final = 64
"""Window of the repeat penalty, llama.cpp's default."""

_LIKELIEST: Final = 256
"""Tokens considered at all. Ranks below are noise at any temperature that makes sense."""


class TokenChoice(Protocol):
    """Chooses the next token of an answer."""

    def choose(self, logits: Float32Array, tokens: Sequence[int]) -> int:
        """Return the token that follows `tokens`. logits: shape (vocabulary,), float32."""
        ...


class Sampler:
    """Draws as `sampling` says.

    unpenalised: tokens that may come again at no cost. An answer's end is one: every earlier
    message ends with it, and a penalty would make answers run on.
    """

    def __init__(self, sampling: Sampling, unpenalised: frozenset[int] = frozenset()) -> None:
        self._sampling = sampling
        self._unpenalised = unpenalised

    def choose(self, logits: Float32Array, tokens: Sequence[int]) -> int:
        """Return the token that follows `tokens`, all that was read and drawn so far.

        logits: shape (vocabulary,), float32; not changed.
        """
        wanted = self._sampling
        recent = set(tokens[-RECENT_TOKENS:]) - self._unpenalised
        penalised = _penalised(logits, recent, wanted.repeat_penalty)
        if wanted.temperature == 0.0:
            return int(np.argmax(penalised))
        ids = _likeliest(penalised)
        scores = penalised[ids].astype(np.float64)
        ids, scores = _nucleus(ids, scores, wanted.top_p, wanted.min_p)
        weights = np.cumsum(np.exp((scores - scores[0]) / wanted.temperature))
        point = _unit(wanted.seed, len(tokens)) * weights[-1]
        return int(ids[np.searchsorted(weights, point, side="right")])


def _penalised(logits: Float32Array, recent: Collection[int], penalty: float) -> Float32Array:
    """Return `logits` with repeated tokens made less likely (CTRL, Keskar et al. 2019)."""
    if penalty == 1.0 or not recent:
        return logits
    changed = logits.copy()
    seen = np.fromiter(recent, np.intp)
    changed[seen] = np.where(changed[seen] > 0, changed[seen] / penalty, changed[seen] * penalty)
    return changed


def _likeliest(scores: Float32Array) -> NDArray[np.intp]:
    """Return the ids of the best scores, best first; equal scores by id."""
    count = min(_LIKELIEST, scores.size)
    ids = np.sort(np.argpartition(scores, scores.size - count)[-count:])
    return ids[np.argsort(-scores[ids], kind="stable")]


def _nucleus(
    ids: NDArray[np.intp],
    scores: NDArray[np.float64],
    top_p: float,
    min_p: float,
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Keep the fewest ids that hold `top_p`, and of these what has `min_p` of the best's share."""
    shares = np.exp(scores - scores[0])
    before = np.cumsum(shares) - shares
    kept = (before < top_p * shares.sum()) & (shares >= min_p)
    kept[0] = True
    return ids[kept], scores[kept]


def _unit(seed: int, position: int) -> float:
    """Return a number in [0, 1) that depends on nothing but `seed` and `position`."""
    digest = hashlib.blake2b(f"{seed}/{position}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / (1 << 53)
