"""A conversation in, the answer of a larger chat model in this process out, token by token."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from config.settings import Settings
from models.errors import EngineFailed
from models.llama import LlamaModel
from models.pool.messages import Chat, Task
from models.protocols import Sampling
from models.store import open_store


class LocalExpert:
    """A GGUF model, drawn from as the thinker's own is.

    Raises ModelMissing, ModelDamaged, UnknownModel, EngineFailed.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        specialist = settings.pool.specialists[name]
        self._thinker = msgspec.structs.replace(
            settings.thinker,
            model=specialist.model,
            threads=specialist.threads,
            context_tokens=specialist.context_tokens,
        )
        self._most_tokens = settings.pool.most_tokens
        self._seed = settings.daemon.seed
        self._model = LlamaModel(open_store().resolve(specialist.model)["model"], self._thinker)

    def answer(self, task: Task) -> Iterator[str | None]:
        """Yield text as it is drawn. Raises EngineFailed; ContextFull when it does not fit."""
        if not isinstance(task, Chat):
            raise EngineFailed("a chat model answers conversations only")
        self._model.restore(None)
        prompt = self._model.render(task.messages, answer=True)
        yield from self._model.read(self._model.tokenize(prompt))
        yield from self._model.generate(
            Sampling(
                temperature=self._thinker.temperature,
                top_p=self._thinker.top_p,
                min_p=self._thinker.min_p,
                repeat_penalty=self._thinker.repeat_penalty,
                seed=self._seed,
                most_tokens=self._most_tokens,
            )
        )
