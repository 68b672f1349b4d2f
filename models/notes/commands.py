"""What a user typed in, lines and an exit code out: `remember`, `recall`, `forget`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, TypeAlias

from config.settings import Settings
from models.notes.documents import files_below
from models.notes.errors import DocumentUnreadable
from models.notes.notes import Notes
from models.notes.opening import notes_path, open_notes
from models.sentence_encoder import open_sentence_encoder

DONE: Final = 0
NOTHING: Final = 1
BAD_USAGE: Final = 2

Say: TypeAlias = Callable[[str], None]

_EVERY: Final = 1_000
"""Passages after which progress is told."""


def remember(
    settings: Settings, paths: Sequence[Path], facts: Sequence[str], say: Say, complain: Say
) -> int:
    """Keep facts and documents; a line for each, once it is on the disk.

    What has no vector of the model in use gets one. Returns 0, or 2 where a document could not be
    read; the others are kept. Raises NotesError, ModelError, as the other two do.
    """
    code = DONE
    with closing(open_notes(settings)) as notes:
        _embed(notes, say)
        for fact in facts:
            say(f"{notes.remember(fact)}: remembered")
        for path in paths:
            for file in files_below(path):
                try:
                    passages = notes.remember_document(file)
                except DocumentUnreadable as failure:
                    complain(str(failure))
                    code = BAD_USAGE
                else:
                    say(f"{file}: {f'{passages} passages' if passages else 'known already'}")
        say(f"{notes.count()} passages in {notes_path(settings)}")
    return code


def recall(settings: Settings, text: str, say: Say) -> int:
    """Write what a question finds, the best first. Returns 0; 1 where nothing is found."""
    with closing(open_notes(settings)) as notes:
        _embed(notes, say)
        encoder = open_sentence_encoder(settings)
        found = notes.recall(text, encoder.embed(text) if encoder else ())
        for each in found:
            source = f"  ({each.source})" if each.source else ""
            say(f"{each.id}  {each.score:.2f}  {each.text}{source}")
        if not found:
            say("nothing is known about that")
    return DONE if found else NOTHING


def forget(settings: Settings, names: Sequence[str], say: Say) -> int:
    """Delete passages by number, documents by name or path. Returns 0; 1 where one is not there."""
    code = DONE
    with closing(open_notes(settings)) as notes:
        for name in names:
            gone = int(notes.forget(int(name))) if name.isdecimal() else notes.forget_document(name)
            say(f"{name}: {f'{gone} forgotten' if gone else 'not there; see: recall TEXT'}")
            code = code if gone else NOTHING
    return code


def _embed(notes: Notes, say: Say) -> None:
    def advance(done: int, of: int) -> None:
        if done % _EVERY == 0:
            say(f"{done} of {of} passages are embedded anew")

    notes.embed_again(advance)
