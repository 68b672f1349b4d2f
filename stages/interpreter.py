"""A text in a language that no persona speaks in, the same in that of this home out, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import ConfigError
from models.pool.choice import able
from models.pool.flores import LANGUAGES
from models.pool.messages import Translate

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from config.settings import Settings
    from models.pool.pool import Pool


class Interpreter:
    """Has a specialist translate. languages: ISO 639-1 codes, and so is home."""

    def __init__(self, pool: Pool, name: str, languages: Iterable[str], home: str) -> None:
        self.home = home
        self._pool = pool
        self._name = name
        self._languages = frozenset(languages)

    def is_wanted(self, language: str) -> bool:
        """Return whether who speaks `language` is to be answered through a translation."""
        return language in self._languages

    def prepare(self) -> None:
        """Have the specialist loaded: it will be asked soon."""
        self._pool.prepare(self._name)

    def translated(self, text: str, source: str, target: str) -> Generator[None, None, str]:
        """Return `text` in the language `target`; yields between two steps of some milliseconds.

        Raises SpecialistRefused, SpecialistFailed.
        """
        pieces: list[str] = []
        for piece in self._pool.answer(self._name, Translate(text, source, target)):
            pieces += [piece] if piece else []
            yield
        return "".join(pieces).strip()


def opened_interpreter(settings: Settings, pool: Pool | None) -> Interpreter | None:
    """Return who translates; None where nobody is to. Raises ConfigError for unknown languages."""
    languages, home = settings.pool.languages, settings.daemon.languages[0]
    if pool is None or not languages:
        return None
    for language in (home, *languages):
        if language not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            raise ConfigError(f"pool.languages: {language!r} cannot be translated, only {known}")
    return Interpreter(pool, able(settings.pool, "translation")[0], languages, home)
