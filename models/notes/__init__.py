"""What the household told the daemon: cut into passages, kept in one file, found by meaning."""

from models.notes.notes import Notes, Passage
from models.notes.opening import open_notes

__all__ = ["Notes", "Passage", "open_notes"]
