"""Persona, history and the user's words in, the messages of one prompt out. Pure but for files.

The order serves the model's saved states: what changes least comes first, so that behind the last
word only the last word is left to read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from config.errors import ConfigError
from models.protocols import ChatMessage

Exchange: TypeAlias = tuple[str, str]
"""What the user said, and what they heard of the answer."""

_PERSONAS: Final = Path(__file__).resolve().parent.parent / "config"

_SPECIAL: Final = re.compile(r"<\|[^|<>]*\|>")

_NOTHING_TO_SAY: Final = {
    "en": "I have no answer to that.",
    "es": "No tengo respuesta para eso.",
}


class Persona:
    """Who speaks: one text a language, read once.

    languages: ISO 639-1 codes; the first one also serves every language that is not among them.
    Raises ConfigError where a language has no text.
    """

    def __init__(self, languages: Sequence[str], folder: Path = _PERSONAS) -> None:
        self._texts = {language: _read(folder, language) for language in languages}
        self._first = languages[0]

    def text(self, language: str) -> str:
        """Return the system message for `language`."""
        return self._texts.get(language, self._texts[self._first])

    def nothing_to_say(self, language: str) -> str:
        """Return what is said when the model wrote no word: a turn never ends in silence."""
        spoken = language if language in self._texts else self._first
        return _NOTHING_TO_SAY.get(spoken, _NOTHING_TO_SAY["en"])


def messages(
    persona: Persona, language: str, exchanges: Sequence[Exchange], said: str | None
) -> list[ChatMessage]:
    """Return the prompt: persona, history, and what the user said now.

    said: None for the head alone, which every prompt of this history begins with.
    """
    prompt = [ChatMessage("system", persona.text(language))]
    for user, assistant in exchanges:
        prompt += [
            ChatMessage("user", words_said(user)),
            ChatMessage("assistant", plain(assistant)),
        ]
    if said is not None:
        prompt.append(ChatMessage("user", words_said(said)))
    return prompt


def plain(text: str) -> str:
    """Return `text` without what a chat template would take for the end of a message."""
    return _SPECIAL.sub(" ", text)


def words_said(text: str) -> str:
    """Return a transcript as it is read: without the full stop, which recognisers put anywhere.

    Two guesses at the same words are then the same prompt, and it is a token shorter.
    """
    return plain(text).strip().rstrip(".…, ")


def recent(
    exchanges: Sequence[Exchange], count_tokens: Callable[[str], int], budget_tokens: int
) -> Sequence[Exchange]:
    """Return the newest exchanges that fit into `budget_tokens`, oldest first.

    Forgets in strides of half the budget: the head of the prompt then stays the same for several
    turns, and with it the state that was saved behind it, instead of moving on with each turn.
    """
    ends: list[int] = []
    for user, assistant in exchanges:
        ends.append((ends[-1] if ends else 0) + count_tokens(user) + count_tokens(assistant))
    total = ends[-1] if ends else 0
    if total <= budget_tokens:
        return exchanges
    stride = max(1, budget_tokens // 2)
    forgotten = -(-(total - budget_tokens) // stride) * stride
    begins = (0, *ends[:-1])
    kept = [at for at, begin in enumerate(begins) if begin >= forgotten]
    return exchanges[kept[0] :] if kept else ()


def _read(folder: Path, language: str) -> str:
    path = folder / f"persona.{language}.txt"
    try:
        return " ".join(path.read_text(encoding="utf-8").split())
    except OSError as error:
        raise ConfigError(
            f"daemon.languages: no persona for {language!r}: {path} cannot be read; "
            "write it, or take the language out"
        ) from error
