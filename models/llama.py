"""A GGUF chat model in; tokens read, text drawn, states saved and restored whole.

Written on llama.cpp's C functions: one sequence, one context, every batch bounded.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from config.stage_settings import Thinker
from models.chat_template import ChatTemplate
from models.errors import ContextFull, EngineFailed, ModelMissing
from models.llama_library import journal, llama
from models.llama_loading import load_model, open_context
from models.llama_memory import LlamaMemory
from models.llama_sampling import Sampler, TokenChoice
from models.llama_vocabulary import Vocabulary
from models.protocols import ChatMessage, Float32Array, ModelMark, ModelState, Sampling, Steps
from models.token_text import TokenText


class LlamaModel:
    """One resident model (protocol `LanguageModel`).

    path: a GGUF file. Raises ModelMissing where it is not there, EngineFailed where llama.cpp
    cannot load it or there is no memory for it.
    """

    def __init__(self, path: Path, settings: Thinker) -> None:
        if not path.is_file():
            raise ModelMissing(path.name, str(path))
        self._c = llama()
        self._path = path
        self._settings = settings
        self._context: Any = None
        self._model: Any = load_model(path)
        self._tokens: list[int] = []
        self._logits: Float32Array | None = None
        try:
            self.vocabulary = Vocabulary(self._c, self._c.llama_model_get_vocab(self._model))
            self._template = self._read_template()
            self._context = open_context(self._model, path, settings)
            self._memory = LlamaMemory(self._c, self._context)
            self._warm_up()
        except BaseException:
            self.close()
            raise

    @property
    def tokens(self) -> tuple[int, ...]:
        """All tokens in the state, in order."""
        return tuple(self._tokens)

    @property
    def room_tokens(self) -> int:
        """Tokens that still fit."""
        return int(self._c.llama_n_ctx(self._context)) - len(self._tokens)

    def render(self, messages: Sequence[ChatMessage], *, answer: bool) -> str:
        """Return the chat template's text; `answer` opens the assistant's message.

        Begins with the text of the model's first token where the model wants one.
        Raises EngineFailed when the template refuses the messages.
        """
        text = self._template.render(messages, answer=answer)
        first = self.vocabulary.first_text
        return text if text.startswith(first) else first + text

    def tokenize(self, text: str) -> list[int]:
        """Return the tokens of `text`, special tokens parsed, none added."""
        return self.vocabulary.tokens(text)

    def read(self, tokens: Sequence[int], *, more: bool = False) -> Steps[None]:
        """Append `tokens` to the state, in batches of `batch_tokens`; yields between two.

        more: more will be read before anything is drawn: saves the last layer, a seventh of the
        work of a single token.
        Raises ContextFull, before anything is read, when they do not fit; EngineFailed.
        """
        self._need_room(len(tokens))
        return self._read(list(tokens), more=more)

    def generate(self, sampling: Sampling) -> Iterator[str | None]:
        """Yield text as it is drawn; None for a step that completes no text.

        Ends at the model's end of turn, a stop string (not yielded) or `most_tokens`. The same
        state and seed give the same text. A token is yielded before it is appended to the state,
        so the last one drawn is never part of it.
        Raises EngineFailed when nothing was read, ContextFull when the context is used up.
        """
        choice = Sampler(sampling, self.vocabulary.end_tokens)
        return self.answer(choice, sampling.most_tokens, sampling.stop)

    def answer(
        self, choice: TokenChoice, most_tokens: int, stop: Sequence[str] = ()
    ) -> Iterator[str | None]:
        """Do what `generate` does, with tokens chosen by `choice`."""
        text = TokenText(stop)
        for drawn in range(most_tokens):
            if self._logits is None:
                raise EngineFailed(f"{self._path.name}: no prompt was read; read one first")
            token = choice.choose(self._logits, self._tokens)
            if self.vocabulary.ends(token):
                break
            yield text.feed(self.vocabulary.piece(token)) or None
            if text.stopped:
                return
            if drawn + 1 < most_tokens:
                self._need_room(1)
                self._decode([token])
        rest = text.finish()
        if rest:
            yield rest

    def save(self) -> ModelState:
        """Return the state: tokens, llama.cpp's memory, and the logits behind the last token.

        The logits belong to no llama.cpp state; with them a restored model draws its next token
        without evaluating one again.
        """
        if not self._tokens:
            return ModelState((), b"")
        logits = b"" if self._logits is None else self._logits.tobytes()
        return ModelState(self.tokens, self._kept(self._memory.whole()), logits)

    def restore(self, state: ModelState | None) -> None:
        """Go back to `state`, of a model with the same file and settings; None: to nothing read.

        Raises EngineFailed, with nothing read, when the state is not one of this model.
        """
        self._forget()
        if state is None or not state.tokens:
            return
        if not self._memory.put_back(state.data):
            self._forget()
            raise EngineFailed(f"{self._path.name}: the state is of another model or settings")
        self._tokens = list(state.tokens)
        self._logits = np.frombuffer(state.logits, np.float32) if state.logits else None

    def mark(self) -> ModelMark:
        """Return where the state stands, to cut it back to as long as all up to here is in it."""
        return ModelMark(len(self._tokens), self._kept(self._memory.mark()))

    def cut_back(self, mark: ModelMark) -> None:
        """Forget what was read behind `mark`; read something before drawing.

        The state must still begin with what was read before the mark. Raises EngineFailed.
        """
        if mark.length > len(self._tokens) or not self._memory.cut_back(mark.data, mark.length):
            raise EngineFailed(f"{self._path.name}: the state could not be cut back")
        del self._tokens[mark.length :]
        self._logits = None

    def close(self) -> None:
        """Give the memory back. The model is of no use afterwards; closing twice is harmless."""
        if self._context is not None:
            self._c.llama_free(self._context)
            self._context = None
        if self._model is not None:
            self._c.llama_model_free(self._model)
            self._model = None

    def _forget(self) -> None:
        self._memory.clear()
        self._tokens, self._logits = [], None

    def _kept(self, data: bytes | None) -> bytes:
        if data is None:
            raise EngineFailed(
                f"{self._path.name}: its state could not be saved: {journal.last_error()}"
            )
        return data

    def _read_template(self) -> ChatTemplate:
        found: bytes | None = self._c.llama_model_chat_template(self._model, None)
        return ChatTemplate(
            found.decode("utf-8", "replace") if found else None,
            name=self._path.name,
            bos=self.vocabulary.bos_text,
            eos=self.vocabulary.eos_text,
        )

    def _warm_up(self) -> None:
        """Touch the memory of a step and start the threads."""
        self._decode([self.vocabulary.any_token])
        self.restore(None)

    def _need_room(self, count: int) -> None:
        if count > self.room_tokens:
            raise ContextFull(
                f"{self._path.name}: {count} tokens more than the {len(self._tokens)} read do not "
                f"fit into thinker.context_tokens = {self._settings.context_tokens}"
            )

    def _read(self, tokens: list[int], *, more: bool) -> Steps[None]:
        step = self._settings.batch_tokens
        for start in range(0, len(tokens), step):
            self._decode(
                tokens[start : start + step], then_draw=not more and start + step >= len(tokens)
            )
            yield None

    def _decode(self, tokens: list[int], *, then_draw: bool = True) -> None:
        held = (self._c.llama_token * len(tokens))(*tokens)
        batch = self._c.llama_batch_get_one(held, len(tokens))
        # Without the array llama.cpp computes the last token's logits.
        unwanted = (ctypes.c_int8 * len(tokens))()
        if not then_draw:
            batch.logits = unwanted
        failed = self._c.llama_decode(self._context, batch)
        if failed:
            raise EngineFailed(
                f"{self._path.name}: llama.cpp could not read {len(tokens)} tokens "
                f"(code {failed}): {journal.last_error()}"
            )
        self._tokens += tokens
        self._logits = None
        if then_draw:
            row = self._c.llama_get_logits_ith(self._context, -1)
            self._logits = np.ctypeslib.as_array(row, (self.vocabulary.size,)).copy()
