"""A text in one language in, the same in another out, sentence by sentence: NLLB-200."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tokenizers import Tokenizer

from config.settings import Settings
from models.errors import EngineFailed
from models.pool.flores import flores_of
from models.pool.messages import Task, Translate
from models.store import open_store

_END: Final = "</s>"
_BEAMS: Final = 2
_GROWTH, _LEAST_ROOM = 3, 16
"""A translation that is longer than that goes round in circles."""

_SENTENCE_END: Final = re.compile("(?<=[.!?…])\\s+|(?<=[\u3002\uff01\uff1f])")


class Translator:
    """A CTranslate2 model with its tokenizer.json, and what is asked of it.

    The model is a catalogue id or a folder. Raises ModelMissing, ModelDamaged, UnknownModel,
    EngineFailed, the last one too where the extra `translation` is not installed.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        specialist = settings.pool.specialists[name]
        folder = _folder(specialist.model)
        self._most_tokens = specialist.context_tokens
        try:
            import ctranslate2  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise EngineFailed(
                "translation needs ctranslate2; install the extra: pip install 'sarai[translation]'"
            ) from error
        try:
            self._model: Any = ctranslate2.Translator(
                str(folder), device="cpu", inter_threads=1, intra_threads=specialist.threads
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # the tokenizers library raises Exception itself
            raise EngineFailed(f"{folder}: no translation model: {error}") from error

    def answer(self, task: Task) -> Iterator[str | None]:
        """Yield each sentence when it is translated. Raises EngineFailed."""
        if not isinstance(task, Translate):
            raise EngineFailed("a translation model translates only")
        source, target = flores_of(task.source), flores_of(task.target)
        behind = ""
        for sentence in _SENTENCE_END.split(task.text.strip()):
            if sentence:
                yield behind + self._sentence(sentence, source, target)
                behind = " "

    def _sentence(self, text: str, source: str, target: str) -> str:
        pieces = self._tokenizer.encode(text, add_special_tokens=False).tokens
        (result,) = self._model.translate_batch(
            [[source, *pieces, _END]],
            target_prefix=[[target]],
            beam_size=_BEAMS,
            max_input_length=self._most_tokens,
            max_decoding_length=min(self._most_tokens, _GROWTH * len(pieces) + _LEAST_ROOM),
        )
        tokens: list[str] = result.hypotheses[0][1:]  # behind the language
        ids = [self._tokenizer.token_to_id(each) for each in tokens]
        return str(self._tokenizer.decode([each for each in ids if each is not None])).strip()


def _folder(reference: str) -> Path:
    """Return where a catalogue entry's files are, or a folder that is named itself."""
    own = Path(reference).expanduser()
    if own.is_dir():
        return own
    return open_store().resolve(reference)["weights"].parent
