"""What was heard in, tokens out: greedy decoding that takes a draft on trust once verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from models.draft_following import DraftFollower
from models.errors import EngineFailed
from models.protocols import Float32Array, Steps
from models.transcript_guards import loop_start
from models.whisper_vocabulary import Vocabulary

_NEVER: Final = np.float32(-1e9)


class Reader(Protocol):
    """A decoder that remembers what it has read."""

    def read(self, tokens: Sequence[int], *, wanted: int = 1) -> Float32Array:
        """Read `tokens` and return the logits after the last `wanted`, (wanted, vocabulary)."""
        ...

    def forget(self, count: int) -> None:
        """Go back to before the last `count` tokens."""
        ...


class Draft(Struct, frozen=True):
    """A guess at what will be written: right or wrong, it changes no result, only the time."""

    language: str
    """ISO 639-1 code; one the model does not know is no guess."""
    tokens: tuple[int, ...] = ()


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


class Writer:
    """Writes down what a reader heard, the likeliest token each time.

    languages: ISO 639-1 codes to choose from; language_bias: added to the logits of its
    languages. A model of one language says English. Stops at the end token, after `most_tokens`,
    or as soon as the text goes round in a circle, which is left in for the guards to find.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        suppression: Suppression,
        *,
        languages: tuple[str, ...],
        language_bias: Mapping[str, float],
        most_tokens: int,
        longest_repeat: int,
    ) -> None:
        self._vocabulary = vocabulary
        self._suppression = suppression
        self._languages = languages
        self._language_bias = language_bias
        self._most_tokens = most_tokens
        self._longest_repeat = longest_repeat
        self._tokens: list[int] = []
        self._taken = 0
        """Tokens written at the last `_take`."""
        self._total = 0.0
        self._counted = 0

    def write(self, reader: Reader, draft: Draft) -> Steps[tuple[Opening, Written]]:
        """Return what is written; yields None between decoder passes.

        The draft's tokens are read in one pass, and as many of them are kept as would have been
        written one by one. A reader whose results do not depend on how many tokens it reads at
        once gives the same text for any draft.
        Raises EngineFailed when a model of many languages knows none of `languages`.
        """
        opening, rows, follower = yield from self._open(reader, draft)
        ahead = follower.ahead()
        while not self._take(rows, ahead):
            written = self._tokens[-self._taken :]
            reader.forget(len(ahead) + 1 - len(written))
            follower.note(written)
            ahead = follower.ahead()[: self._most_tokens - len(self._tokens)]
            yield
            rows = reader.read([written[-1], *ahead], wanted=1 + len(ahead))
        return opening, Written(tuple(self._tokens), self._total / self._counted)

    def _open(
        self, reader: Reader, draft: Draft
    ) -> Steps[tuple[Opening, Float32Array, DraftFollower]]:
        """Read the prompt in the draft's language, and the draft; choose the language.

        Returns the logits after the prompt and after each token that the follower expects.
        """
        known = self._known_languages()
        language = draft.language if draft.language in known else known[0]
        follower = DraftFollower(draft.tokens[: self._most_tokens])
        head = [self._vocabulary.start, *self._vocabulary.prompt(language)]
        tokens = [*head, *follower.ahead()]
        rows = reader.read(tokens, wanted=len(tokens))
        opening = self._choose(rows[0], known)
        if opening.language == language:
            return opening, rows[len(head) - 1 :], follower
        reader.forget(len(tokens) - 1)
        yield
        return opening, reader.read(self._vocabulary.prompt(opening.language)), DraftFollower(())

    def _known_languages(self) -> tuple[str, ...]:
        if not self._vocabulary.languages:
            return ("en",)
        known = tuple(each for each in self._languages if each in self._vocabulary.languages)
        if not known:
            named = ", ".join(self._languages)
            raise EngineFailed(f"the model knows none of the languages {named}")
        return known

    def _choose(self, logits: Float32Array, known: tuple[str, ...]) -> Opening:
        """Choose the language, given the logits after the start token."""
        silence = float(softmax(logits)[self._vocabulary.no_speech])
        if not self._vocabulary.languages:
            return Opening("en", 1.0, silence)
        bias = np.array([self._language_bias.get(each, 0.0) for each in known], np.float32)
        shares = softmax(logits[[self._vocabulary.languages[each] for each in known]] + bias)
        best = int(shares.argmax())
        return Opening(known[best], float(shares[best]), silence)

    def _take(self, rows: Float32Array, ahead: tuple[int, ...]) -> bool:
        """Write the likeliest token of each row until one is not that of `ahead`.

        Returns whether the text has ended.
        """
        self._taken = 0
        for place in range(len(rows)):
            logits = self._suppression.apply(rows[place], first=not self._tokens)
            token = int(logits.argmax())
            self._total += float(logits[token] - log_sum(logits))
            self._counted += 1
            if token == self._vocabulary.end:
                return True
            self._tokens.append(token)
            self._taken += 1
            if len(self._tokens) >= self._most_tokens or self._is_loop():
                return True
            if ahead[place : place + 1] != (token,):
                return False
        return False

    def _is_loop(self) -> bool:
        return loop_start(self._tokens, self._longest_repeat) is not None


def log_sum(logits: NDArray[np.float32]) -> float:
    """Return the logarithm of the sum of exponentials."""
    most = logits.max()
    return float(most + np.log(np.exp(logits - most).sum()))


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities."""
    powers = np.exp(logits - logits.max())
    result: NDArray[np.float32] = powers / powers.sum()
    return result
