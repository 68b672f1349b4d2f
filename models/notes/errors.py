"""What can go wrong with the household's notes.

NotesError (exit code 2)
├── NotesUnusable        the store cannot be opened or written: no access, a full disk
├── NotesDamaged         the store is there and is broken
├── NotesLocked          the store and `memory.key_file` do not go together
├── KeyUnsafe            a key file that others may read, or that holds no key
└── DocumentUnreadable   a document without text, or of a kind that is not known
"""

from __future__ import annotations


class NotesError(Exception):
    """One line that says what, where and what to do."""


class NotesUnusable(NotesError):
    """The store cannot be opened or written."""


class NotesDamaged(NotesError):
    """The store is broken."""


class NotesLocked(NotesError):
    """The store and the key do not go together."""


class KeyUnsafe(NotesError):
    """The key file may be read by others, or holds no key."""


class DocumentUnreadable(NotesError):
    """A document from which no text can be had."""
