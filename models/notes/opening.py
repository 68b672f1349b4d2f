"""Settings in, the household's notes out, ready to be searched."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import platformdirs

from config.logs import log
from models.notes.database import explained, open_database
from models.notes.notes import Notes
from models.notes.shelf import Shelf
from models.sentence_encoder import DIMENSIONS, open_sentence_encoder
from models.text_language import guess_language

if TYPE_CHECKING:
    from config.settings import Settings
    from models.store import ModelStore

DATA_VARIABLE: Final = "SARAI_DATA"
"""Environment variable that names another data folder."""

_FILE: Final = "notes.db"


def notes_path(settings: Settings) -> Path:
    """Return where the store is: `memory.path`, else in $SARAI_DATA or the user's data folder."""
    if settings.memory.path:
        return Path(settings.memory.path).expanduser()
    chosen = os.environ.get(DATA_VARIABLE, "")
    folder = Path(chosen).expanduser() if chosen else platformdirs.user_data_path("sarai")
    return folder / _FILE


def open_notes(settings: Settings, store: ModelStore | None = None) -> Notes:
    """Return the notes, an empty store where there is none yet.

    Vectors of another model than `memory.embedding` are left as they are, and words alone count
    until `embed_again`: that may take minutes. store: the models' folder; None: the default one.
    Raises NotesUnusable, NotesDamaged, NotesLocked, KeyUnsafe.
    """
    path = notes_path(settings)
    memory = settings.memory
    shelf = Shelf(open_database(path, memory.key_file, memory.cache_mb), path)
    languages = settings.daemon.languages
    notes = Notes(
        shelf,
        memory,
        lambda: open_sentence_encoder(settings, store),
        lambda text: guess_language(text, languages)[0],
    )
    with explained(path):
        suits = not memory.embedding or shelf.vectors.are_of(memory.embedding)
        empty = shelf.count() == 0
    if suits:
        return notes
    if empty:
        with shelf.changing():  # by name: the thinker, who opens this, shall not hold the model
            shelf.vectors.begin_anew(memory.embedding, DIMENSIONS)
    else:
        log.warning(
            "notes are found by words alone; run: python run_pipeline.py remember", path=str(path)
        )
    return notes
