"""A file of questions and answers in; the answer to the very words of a question out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from config.errors import ConfigError
from models.folding import folded

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD: Final = re.compile(r"\w+")


class ExactAnswers:
    """Answers that never change, and want no model.

    answers: language → question → answer. Accents, case and marks of a question do not count.
    """

    def __init__(self, answers: Mapping[str, Mapping[str, str]]) -> None:
        self._answers = {
            (language, _words(question)): answer
            for language, table in answers.items()
            for question, answer in table.items()
        }

    def answer(self, text: str, language: str) -> str | None:
        """Return what is answered to `text`; None where that is not on file."""
        return self._answers.get((language, _words(text)))


def read_exact_answers(path: str) -> ExactAnswers:
    """Read a TOML file with a table for each language; "": there is none.

    Raises ConfigError for a file that cannot be read.
    """
    if not path:
        return ExactAnswers({})
    try:
        text = Path(path).expanduser().read_bytes()
        answers = msgspec.toml.decode(text, type=dict[str, dict[str, str]])
        _check(answers)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"thinker.exact_answers: {path}: {error}; it holds a table for each language, "
            'such as [en] with "What is your name?" = "Sarai."'
        ) from error
    return ExactAnswers(answers)


def _check(answers: Mapping[str, Mapping[str, str]]) -> None:
    for table in answers.values():
        for question, answer in table.items():
            if not (_words(question) and _words(answer)):
                raise ValueError(f"{question!r} = {answer!r} has no words")


def _words(text: str) -> str:
    return " ".join(_WORD.findall(folded(text)))
