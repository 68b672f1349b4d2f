"""What was heard in, tokens out: greedy decoding, one token a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from models.errors import EngineFailed
from models.protocols import Float32Array, Steps
from models.transcript_guards import loop_start
from models.whisper_vocabulary import Vocabulary

_NEVER: Final = np.float32(-1e9)


class Reader(Protocol):
    """A decoder that remembers what it has read."""

    def read(self, tokens: list[int], *, wanted: int = 1) -> Float32Array:
        """Read `tokens` and return the logits after the last `wanted`, (wanted, vocabulary)."""
        ...


class Opening(Struct, frozen=True):
    """What the decoder says of a sound before it writes a word."""

    language: str
    language_probability: float
    """Among the languages it could choose from."""
    no_speech_probability: float


class Written(Struct, frozen=True):
    """Tokens of a text, special ones left out."""

    tokens: tuple[int, ...]
    log_probability: float
    """Mean over the tokens and the end."""


class Suppression:
    """Which tokens may be written."""

    def __init__(self, vocabulary: Vocabulary, size: int) -> None:
        self._later = np.zeros(size, np.float32)
        self._later[list(vocabulary.unwanted)] = _NEVER
        self._first = self._later.copy()
        self._first[list(vocabulary.blank)] = _NEVER

    def apply(self, logits: Float32Array, *, first: bool) -> Float32Array:
        """Return the logits, (vocabulary,), with those of unwanted tokens far below all others."""
        return logits + (self._first if first else self._later)


def open_reading(
    reader: Reader,
    vocabulary: Vocabulary,
    languages: tuple[str, ...],
    language_bias: Mapping[str, float],
) -> Opening:
    """Read the start token; choose among `languages`, ISO 639-1 codes. One decoder pass.

    language_bias: added to the logits of its languages. A model of one language says English.
    Raises EngineFailed when a model of many languages knows none of `languages`.
    """
    logits = reader.read([vocabulary.start])[0]
    silence = float(softmax(logits)[vocabulary.no_speech])
    if not vocabulary.languages:
        return Opening("en", 1.0, silence)
    known = [each for each in languages if each in vocabulary.languages]
    if not known:
        raise EngineFailed(f"the model knows none of the languages {', '.join(languages)}")
    bias = np.array([language_bias.get(each, 0.0) for each in known], np.float32)
    shares = softmax(logits[[vocabulary.languages[each] for each in known]] + bias)
    best = int(shares.argmax())
    return Opening(known[best], float(shares[best]), silence)


def write(
    reader: Reader,
    vocabulary: Vocabulary,
    suppression: Suppression,
    *,
    language: str,
    most_tokens: int,
    longest_repeat: int,
) -> Steps[Written]:
    """Write down what the reader heard, the likeliest token each time.

    Yields None before each decoder pass. Stops at the end token, after `most_tokens`, or as soon
    as the text goes round in a circle, which is left in for the guards to find.
    """
    pending = vocabulary.prompt(language)
    tokens: list[int] = []
    total = 0.0
    while True:
        yield
        logits = suppression.apply(reader.read(pending)[0], first=not tokens)
        token = int(logits.argmax())
        total += float(logits[token] - log_sum(logits))
        if token == vocabulary.end:
            return Written(tuple(tokens), total / (len(tokens) + 1))
        tokens.append(token)
        if len(tokens) >= most_tokens or loop_start(tokens, longest_repeat) is not None:
            return Written(tuple(tokens), total / len(tokens))
        pending = [token]


def log_sum(logits: NDArray[np.float32]) -> float:
    """Return the logarithm of the sum of exponentials."""
    most = logits.max()
    return float(most + np.log(np.exp(logits - most).sum()))


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities."""
    powers = np.exp(logits - logits.max())
    result: NDArray[np.float32] = powers / powers.sum()
    return result
