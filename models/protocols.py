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
    tokens: tuple[int, ...] = ()
    """What the engine can start from when more of the same utterance has been heard."""
    emotion: tuple[float, ...] = ()
    """A share for each of `config.emotions.EMOTIONS`; empty where the engine does not hear it."""


class Transcriber(Protocol):
    """Speech to text, one utterance at a time."""

    def transcribe(
        self, samples: Float32Array, draft: Hypothesis | None = None, *, hasty: bool = False
    ) -> Steps[Hypothesis]:
        """Return the words spoken in `samples`.

        samples: shape (n,), float32 in [-1, 1], mono, 16 kHz.
        draft: what was heard in an earlier part of the same utterance; it saves time, and
        changes no word. hasty: a doubtful text is not tried again at length.
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
    logits: bytes = b""
    """float32; empty where nothing is to be drawn before something was read."""


class ModelMark(Struct, frozen=True):
    """A place within what a language model has read, to which it can be cut back."""

    length: int
    """Tokens before it."""
    data: bytes
    """The part of the memory that cannot be cut back otherwise."""


class LanguageModel(Protocol):
    """One resident chat model with a state that is saved and restored whole."""

    def render(self, messages: Sequence[ChatMessage], *, answer: bool) -> str:
        """Return the chat template's text; `answer` opens the assistant's message."""
        ...

    def tokenize(self, text: str) -> list[int]:
        """Return the tokens of `text`, special tokens parsed."""
        ...

    def read(self, tokens: Sequence[int], *, more: bool = False) -> Steps[None]:
        """Append `tokens` to the state, in bounded batches.

        more: more will be read before anything is drawn.
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

    def mark(self) -> ModelMark:
        """Return where the state stands."""
        ...

    def cut_back(self, mark: ModelMark) -> None:
        """Forget what was read behind `mark`, before which nothing may have changed."""
        ...


class Voice(Protocol):
    """Text to speech in one language."""

    rate: int
    """Samples per second of its sound."""

    def speak(self, text: str, *, seed: int, pace: float = 1.0) -> Iterator[Int16Array | None]:
        """Yield the sound of `text` in chunks; None between steps without sound.

        text: one clause, already written out for speech. pace: times the voice's usual speed.
        Same text, seed and pace, same samples.
        Raises EngineFailed when the runtime rejects the input.
        """
        ...
