"""What each kind of engine promises: the shapes that stages are written against.

Engines work in steps: a `Steps[T]` generator yields None between two short pieces of work,
so that a worker can beat and cancel, and returns its result.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Protocol, TypeAlias, TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Float32Array: TypeAlias = NDArray[np.float32]
Int16Array: TypeAlias = NDArray[np.int16]

_T = TypeVar("_T")
Steps: TypeAlias = Generator[None, None, _T]


class Hypothesis(Struct, frozen=True, kw_only=True):
    """What a transcriber heard in one utterance."""

    text: str
    """Empty where there were no words."""
    language: str
    """ISO 639-1 code."""
    language_probability: float
    log_probability: float
    """Mean over the tokens of the text, natural logarithm."""
    no_speech_probability: float
    suppressed: str = ""
    """Why a text was thrown away (`blank`, `repetition`, ...); empty: it was not."""


class Transcriber(Protocol):
    """Speech to text, one utterance at a time."""

    def transcribe(self, samples: Float32Array) -> Steps[Hypothesis]:
        """Return the words spoken in `samples`.

        samples: shape (n,), float32 in [-1, 1], mono, 16 kHz.
        Raises EngineFailed when the runtime rejects the input.
        """
        ...


class ChatMessage(Struct, frozen=True):
    """One message of a conversation."""

    role: str
    """system, user or assistant."""
    content: str


class Sampling(Struct, frozen=True, kw_only=True):
    """How the next token is drawn."""

    temperature: float
    """0: always the likeliest."""
    top_p: float
    min_p: float
    repeat_penalty: float
    seed: int
    most_tokens: int
    stop: tuple[str, ...] = ()


class ModelState(Struct, frozen=True):
    """The whole memory of a language model after some tokens."""

    tokens: tuple[int, ...]
    data: bytes


class LanguageModel(Protocol):
    """One resident chat model with a state that is saved and restored whole."""

    def render(self, messages: Sequence[ChatMessage], *, answer: bool) -> str:
        """Return the chat template's text; `answer` opens the assistant's message."""
        ...

    def tokenize(self, text: str) -> list[int]:
        """Return the tokens of `text`, special tokens parsed."""
        ...

    def read(self, tokens: Sequence[int]) -> Steps[None]:
        """Append `tokens` to the state, in bounded batches.

        Raises ContextFull when they do not fit.
        """
        ...

    def generate(self, sampling: Sampling) -> Iterator[str | None]:
        """Yield text as it is drawn; None for a step that completes no text.

        Ends at the model's end of turn, a stop string (not yielded) or `most_tokens`.
        """
        ...

    def save(self) -> ModelState:
        """Return the state."""
        ...

    def restore(self, state: ModelState | None) -> None:
        """Go back to `state`; None: to nothing read."""
        ...


class Voice(Protocol):
    """Text to speech in one language."""

    rate: int
    """Samples per second of its sound."""

    def speak(self, text: str, *, seed: int) -> Iterator[Int16Array | None]:
        """Yield the sound of `text` in chunks; None between steps without sound.

        text: one clause, already written out for speech. Same text and seed, same samples.
        Raises EngineFailed when the runtime rejects the input.
        """
        ...
