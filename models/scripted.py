"""A given sentence in; the same sentence out, drawn token by token through the real model.

For measurements with weights that say nothing: each token costs what a token costs, only the
choice is no choice. Whatever shows such figures says that the answer was scripted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from config.logs import log
from models.llama import LlamaModel
from models.protocols import ChatMessage, Float32Array, ModelMark, ModelState, Sampling, Steps


class ScriptedChoice:
    """Chooses the tokens of a script, then the end; goes on where `tokens` leave off.

    script: tokens of the whole answer. end: the token that ends it.
    """

    def __init__(self, script: Sequence[int], end: int) -> None:
        self._script = list(script)
        self._end = end

    def choose(self, logits: Float32Array, tokens: Sequence[int]) -> int:
        """Return the token of the script that comes after what `tokens` end with."""
        del logits  # computed like any other, and not asked
        said = self.said(tokens)
        return self._script[said] if said < len(self._script) else self._end

    def said(self, tokens: Sequence[int]) -> int:
        """Return how many tokens of the script `tokens` end with."""
        longest = min(len(self._script), len(tokens))
        for length in range(longest, 0, -1):
            if list(tokens[-length:]) == self._script[:length]:
                return length
        return 0


class ScriptedModel:
    """A language model (protocol `LanguageModel`) that says nothing but its script."""

    def __init__(self, model: LlamaModel, script: str) -> None:
        self._model = model
        self.script = script
        """What every answer will be. Not thought by anyone: say so beside any figure."""
        end = model.vocabulary.end_token
        self._choice = ScriptedChoice(model.tokenize(script), end)
        log.warning("answers are scripted: not the model's own words", script=script)

    def render(self, messages: Sequence[ChatMessage], *, answer: bool) -> str:
        """Return the chat template's text."""
        return self._model.render(messages, answer=answer)

    def tokenize(self, text: str) -> list[int]:
        """Return the tokens of `text`."""
        return self._model.tokenize(text)

    def read(self, tokens: Sequence[int], *, more: bool = False) -> Steps[None]:
        """Append `tokens` to the state."""
        return self._model.read(tokens, more=more)

    def generate(self, sampling: Sampling) -> Iterator[str | None]:
        """Yield the script, or the rest of it, at the pace of the model."""
        return self._model.answer(self._choice, sampling.most_tokens, sampling.stop)

    def save(self) -> ModelState:
        """Return the state."""
        return self._model.save()

    def restore(self, state: ModelState | None) -> None:
        """Go back to `state`."""
        self._model.restore(state)

    def mark(self) -> ModelMark:
        """Return where the state stands."""
        return self._model.mark()

    def cut_back(self, mark: ModelMark) -> None:
        """Forget what was read behind `mark`."""
        self._model.cut_back(mark)

    def close(self) -> None:
        """Give the memory back."""
        self._model.close()
