"""Settings in, a look into the notes of this home out, that never keeps an answer from coming."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bus.frames import MAX_TEXT, Passage
from config.logs import log
from models.errors import ModelError
from models.notes import open_notes
from models.notes.errors import NotesError
from models.router.private import is_private

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.settings import Memory, Settings
    from models.notes import Notes
    from stages.recollection import Lookup

_MOST_SOURCE: Final = 512


def opened_notes(settings: Settings) -> Notes | None:
    """Return the notes; None where they are not looked at, or cannot be, which is said."""
    if not settings.memory.look_up:
        return None
    try:
        return open_notes(settings)
    except (NotesError, ModelError) as failure:
        log.error("answers do without the notes", reason=str(failure))
        return None


def lookup_in(notes: Notes | None, memory: Memory) -> Lookup | None:
    """Return what looks up the words of a transcript; None where there is nothing to look into.

    What is found is less than what could be: see `read_score`, `doubt_score` and `score_margin`.
    """
    if notes is None:
        return None

    def found(text: str, latent: Sequence[float]) -> list[Passage]:
        try:
            passages = notes.recall(text, latent)
        except (NotesError, ModelError) as failure:
            log.error("the notes could not be read", reason=str(failure))
            return []
        best = max((each.score for each in passages), default=0.0)
        if best < memory.doubt_score and is_private(text):
            return []
        least = max(memory.read_score, best - memory.score_margin)
        return [
            Passage(id=each.id, source=each.source[:_MOST_SOURCE], text=each.text[:MAX_TEXT])
            for each in passages
            if each.score >= least
        ]

    return found
