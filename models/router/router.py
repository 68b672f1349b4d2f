"""What was said and its latent z in; who should answer out, in less than a millisecond."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
import numpy as np
from msgspec import Meta, Struct

from models.errors import EngineFailed
from models.protocols import Float32Array
from models.router.private import is_private
from models.router.signs import COUNT, signs

Route: TypeAlias = Literal["local", "expert", "vision", "translation", "command"]

HEAD_FILE: Final = Path(__file__).with_name("head.json")
ROUTES: Final[tuple[Route, ...]] = ("local", "expert", "vision", "translation", "command")
LATENT: Final = 512
FEATURES: Final = LATENT + COUNT + 1


class Head(Struct, frozen=True, kw_only=True):
    """A linear classifier, multinomial logistic regression: fitted by `benchmarks.router_train`."""

    embedding: str
    """Catalogue id of the sentence encoder whose latents it reads."""
    least_probability: Annotated[float, Meta(ge=0, le=1)]
    """Below it, nobody is sure and the resident model answers."""
    least_expert_probability: Annotated[float, Meta(ge=0, le=1)]
    """The same for questions that would leave the house."""
    bias: Annotated[list[float], Meta(min_length=5, max_length=5)]
    """By route, in the order of ROUTES."""
    weights: Annotated[list[list[float]], Meta(min_length=5, max_length=5)]


class Routed(Struct, frozen=True):
    """Who should answer."""

    route: Route
    probability: float
    """Of the route that is the likeliest, even where it was not taken."""
    private: bool


class Router:
    """Weighs what a sentence means and the turns of speech in it.

    household: names of people and animals, whose sentences stay here.
    """

    def __init__(self, head: Head, household: Collection[str] = ()) -> None:
        self.embedding = head.embedding
        self._least = dict.fromkeys(ROUTES, head.least_probability)
        self._least["expert"] = head.least_expert_probability
        self._weights = np.array(head.weights, np.float32)
        self._bias = np.array(head.bias, np.float32)
        self._household = household

    def route(self, text: str, latent: Sequence[float] | Float32Array) -> Routed:
        """Return who should answer `text`: the resident model when unsure or without a latent.

        latent: shape (512,), of length 1; or empty. What may be private never gets "expert".
        """
        private = is_private(text, self._household)
        if len(latent) != LATENT:
            return Routed("local", 0.0, private)
        scores = self._weights @ features(text, latent, private=private) + self._bias
        shares = np.exp(scores - scores.max())
        best = int(shares.argmax())
        probability = float(shares[best] / shares.sum())
        route = ROUTES[best]
        if probability < self._least[route] or (route == "expert" and private):
            route = "local"
        return Routed(route, probability, private)


def features(text: str, latent: Sequence[float] | Float32Array, *, private: bool) -> Float32Array:
    """Return what the head weighs: shape (FEATURES,), float32."""
    told = (*signs(text), float(private))
    return np.concatenate([np.asarray(latent, np.float32), np.array(told, np.float32)])


def read_head(path: Path = HEAD_FILE) -> Head:
    """Return a fitted head. Raises EngineFailed for a file that is none."""
    try:
        head = msgspec.json.decode(path.read_bytes(), type=Head)
    except (OSError, msgspec.DecodeError) as error:
        raise EngineFailed(f"{path}: no head for the router ({error}); install again") from error
    if any(len(row) != FEATURES for row in head.weights):
        raise EngineFailed(f"{path}: a head for other features; fit it: benchmarks.router_train")
    return head
