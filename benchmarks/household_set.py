"""Two households' notes and questions in; which half a note of the first is in out."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

FOLDER: Final = Path(__file__).parent / "household"

OTHER_FOLDER: Final = Path(__file__).parent / "household_other"
"""By an author who knew neither the notes and questions of FOLDER nor the list of words that mean
the same. Nothing was fitted to it."""


class Note(Struct, frozen=True):
    """What somebody in the house told."""

    id: str
    lang: str
    text: str

    @property
    def is_held(self) -> bool:
        """Return whether nothing may be fitted to it, nor to questions about it."""
        return held(self.id)


class Question(Struct, frozen=True):
    """What somebody asks."""

    lang: str
    text: str
    note: str
    """The note that answers it; empty: none does."""
    fact: list[str]
    """An answer from the note has one of these in it."""
    world: bool = False
    """It is about the world, not about this household: general knowledge may answer it."""

    @property
    def is_across(self) -> bool:
        """Return whether the note is in the other language."""
        return not self.note.startswith(self.lang)


def held(note: str) -> bool:
    """Return whether a note, by its id, is in the half that results are reported on."""
    return zlib.crc32(note.encode()) % 2 == 1


def read_notes(folder: Path = FOLDER) -> list[Note]:
    """Return all notes."""
    lines = (folder / "notes.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Note) for line in lines]


def read_questions(folder: Path = FOLDER) -> list[Question]:
    """Return all questions, those that no note answers among them."""
    lines = (folder / "questions.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Question) for line in lines]
