"""A loaded model in; how soon it speaks after a candidate transcript out, with words read before.

The thinker's own prompts, cache and clauses, with a conversation of 500 tokens behind them: the
head is read, the words that partial transcripts brought are read, then the clock starts.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from bus.frames import Transcript
from config.settings import Settings
from models.llama import LlamaModel
from models.protocols import Sampling
from models.state_files import StateFiles
from stages.conversation import Conversation
from stages.persona import Persona
from stages.prompt_cache import PromptCache
from stages.prompts import Prompts

HISTORY_TOKENS: Final = 500
_UTTERANCES: Final = 6
"""Of each language."""
_WORDS: Final = (5, 14)
_UNSTABLE_WORDS: Final = (0, 1, 2)
_FOLDER: Final = Path(__file__).resolve().parent


class Turns:
    """Asks one model questions behind a conversation.

    model: of `path`, opened with `settings`.
    """

    def __init__(self, model: LlamaModel, path: Path, settings: Settings, folder: Path) -> None:
        self._model = model
        self._cache = PromptCache(model, StateFiles(folder, path, settings.thinker))
        self._prompts = Prompts(
            settings,
            Persona(settings.daemon.languages),
            self._cache,
            lambda text: len(model.tokenize(text)),
        )
        self._conversation = Conversation()
        self._conversation.exchanges += _history(model)
        for head in self._prompts.bare_heads():
            self._cache.keep(head)
        self._cache.want(self._prompts.heads(settings.daemon.languages[0], self._conversation))
        while self._cache.cold:
            self._cache.warm()

    def read_ahead(self, text: str, language: str, unstable: int) -> None:
        """Read all of `text` but the last words, as partial transcripts would have it read."""
        words = text.split()
        stable = " ".join(words[: len(words) - unstable])
        partial = _transcript(stable, language, "partial")
        plan = self._prompts.early(partial, self._conversation)
        while plan is not None and self._cache.advance(plan):
            pass

    def first_token_ms(self, text: str, language: str) -> tuple[float, int, int]:
        """Return the time from a candidate to its first token, and the batches and tokens read."""
        begin = time.monotonic()
        plan = self._prompts.whole(_transcript(text, language, "candidate"), self._conversation)
        known = self._cache.reach(plan)
        for _ in self._cache.read(plan):
            pass
        next(iter(self._model.generate(_sampling())))
        unread = plan.batches[known:]
        return (time.monotonic() - begin) * 1e3, len(unread), sum(map(len, unread))


def measure_turns(model: LlamaModel, path: Path, settings: Settings) -> dict[str, float]:
    """Return medians over utterances of both languages, and what was read for them."""
    settings = msgspec.structs.replace(
        settings, thinker=msgspec.structs.replace(settings.thinker, model=str(path))
    )
    found: dict[str, float] = {}
    with TemporaryDirectory() as folder:
        turns = Turns(model, path, settings, Path(folder))
        pooled: list[float] = []
        for unstable in _UNSTABLE_WORDS:
            seen = []
            for language, text in _utterances(settings.daemon.languages):
                turns.read_ahead(text, language, unstable)
                seen.append(turns.first_token_ms(text, language))
            name = f"first_token_{unstable}_words_unread"
            found[f"{name}_ms"] = statistics.median(each[0] for each in seen)
            found[f"{name}_batches"] = statistics.mean(each[1] for each in seen)
            found[f"{name}_tokens"] = statistics.mean(each[2] for each in seen)
            pooled += [each[0] for each in seen] if unstable else []
    return {"first_token_after_candidate_ms": statistics.median(pooled), **found}


def _utterances(languages: Sequence[str]) -> Iterator[tuple[str, str]]:
    for language in languages:
        lines = (_FOLDER / f"sentences_{language}.txt").read_text().splitlines()
        fitting = [line for line in lines if _WORDS[0] <= len(line.split()) <= _WORDS[1]]
        for text in fitting[:_UTTERANCES]:
            yield language, text


def _history(model: LlamaModel) -> list[tuple[str, str]]:
    """Return exchanges of about HISTORY_TOKENS tokens."""
    lines = (_FOLDER / "sentences_en.txt").read_text().splitlines()
    exchanges: list[tuple[str, str]] = []
    count = 0
    while count < HISTORY_TOKENS:
        at = 2 * len(exchanges) % (len(lines) - 1)
        exchanges.append((lines[at], lines[at + 1]))
        count += sum(len(model.tokenize(text)) for text in exchanges[-1])
    return exchanges


def _transcript(text: str, language: str, state: str) -> Transcript:
    return msgspec.convert(
        {
            "frame": "transcript", "session": "bench", "turn": 1, "index": 0, "text": text,
            "stable_prefix": text, "language": language, "state": state,
        },
        Transcript,
    )  # fmt: skip


def _sampling() -> Sampling:
    return Sampling(
        temperature=0.3, top_p=0.95, min_p=0.15, repeat_penalty=1.05, seed=1, most_tokens=8
    )
