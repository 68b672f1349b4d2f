"""Files of config/ in, who speaks and in which words out: one persona and wording a language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from config.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

_FOLDER: Final = Path(__file__).resolve().parent.parent / "config"


class Example(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How notes are used: a question that they answer, and one that they do not."""

    notes: tuple[str, ...]
    question: str
    answer: str
    untold: str
    unknown: str


class Wording(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands around the user's words, and the lines that no model writes."""

    notes: str
    """Heads the notes found for a question."""
    no_notes: str
    """Stands behind a question about this home for which there is none."""
    asked: str
    """Stands before the words where notes stand before them."""
    told: str
    """The source of a note that somebody told aloud."""
    mood: str
    """Stands behind the words; {words} is how the speaker sounds."""
    nothing_to_say: str
    expert: str
    """Tells an expert how to answer."""
    no_room: str
    """Said when there is no memory for the expert."""
    no_room_to_look: str
    no_sight: str
    """Said when a picture cannot be looked at."""
    no_room_to_translate: str
    no_translation: str
    """Said in the first language of this home to who speaks one that has to be translated."""
    remembered: str
    forgotten: str
    nothing_to_forget: str
    conversation_forgotten: str
    not_kept: str
    summary: str
    """Heads the sum of what was said before the history."""
    summarise: str
    """Asks the model for it."""
    example: Example


class Persona:
    """Who speaks: two files a language, read once.

    languages: ISO 639-1 codes; the first one also serves every language that is not among them.
    Raises ConfigError where a language has no text.
    """

    def __init__(self, languages: Sequence[str], folder: Path = _FOLDER) -> None:
        self._texts = {language: _text(folder, language) for language in languages}
        self._wordings = {language: _wording(folder, language) for language in languages}
        self._first = languages[0]

    def text(self, language: str) -> str:
        """Return the system message for `language`."""
        return self._texts.get(language, self._texts[self._first])

    def wording(self, language: str) -> Wording:
        """Return the lines for `language`."""
        return self._wordings.get(language, self._wordings[self._first])


def _text(folder: Path, language: str) -> str:
    return " ".join(_read(folder / f"persona.{language}.txt", language).split())


def _wording(folder: Path, language: str) -> Wording:
    path = folder / f"wording.{language}.toml"
    try:
        return msgspec.toml.decode(_read(path, language), type=Wording)
    except msgspec.DecodeError as error:
        raise ConfigError(f"{path}: {error}; see wording.en.toml for the lines it holds") from error


def _read(path: Path, language: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"daemon.languages: no persona for {language!r}: {path} cannot be read; "
            "write it, or take the language out"
        ) from error
