"""Passages in, rows of the store out: what is written, read and wiped, and nothing decided."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from models.notes.database import explained
from models.notes.passages import Paragraph
from models.notes.vectors import Vectors
from models.protocols import Float32Array


class Shelf:
    """The tables of one open store."""

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self.vectors = Vectors(connection)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Do what is inside whole or not at all; it is on the disk when this returns."""
        with explained(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def insert(
        self,
        passage: Paragraph,
        *,
        document: int | None,
        language: str,
        vector: Float32Array | None,
    ) -> int:
        """Add a passage and return its number; document: None: a fact."""
        self.connection.execute(
            "INSERT INTO passages (document, place, heading, text, language) "
            "VALUES (?, ?, ?, ?, ?)",
            (document, passage.place, passage.heading, passage.text, language),
        )
        number = self.connection.last_insert_rowid()
        self.connection.execute(
            "INSERT INTO words (rowid, heading, text) VALUES (?, ?, ?)",
            (number, passage.heading, passage.text),
        )
        if vector is not None:
            self.vectors.put(number, vector)
        return number

    def add_document(self, path: str, name: str, digest: bytes) -> int:
        """Add a document without passages and return its number."""
        self.connection.execute(
            "INSERT INTO documents (path, name, digest) VALUES (?, ?, ?)", (path, name, digest)
        )
        return self.connection.last_insert_rowid()

    def delete(self, number: int) -> bool:
        """Delete a passage, and its document if it was the last; return whether there was one."""
        query = "SELECT document, heading, text FROM passages WHERE id = ?"
        row = self.connection.execute(query, (number,)).fetchone()
        if row is None:
            return False
        document, heading, text = row
        self.connection.execute(
            "INSERT INTO words (words, rowid, heading, text) VALUES ('delete', ?, ?, ?)",
            (number, heading, text),
        )
        self.vectors.delete(number)
        self.connection.execute("DELETE FROM passages WHERE id = ?", (number,))
        self.connection.execute(
            "DELETE FROM documents WHERE id = ? "
            "AND NOT EXISTS (SELECT 1 FROM passages WHERE document = documents.id)",
            (document,),
        )
        return True

    def wipe(self) -> None:
        """Write what was deleted over in the file, too, and empty the log beside it."""
        with explained(self.path):
            self.connection.execute("INSERT INTO words (words) VALUES ('optimize')")
            self.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def fact(self, text: str) -> int | None:
        """Return the number of the fact with these words."""
        query = "SELECT id FROM passages WHERE document IS NULL AND text = ?"
        number: int | None = self.connection.execute(query, (text,)).get
        return number

    def passages_in(self, name: str) -> list[int]:
        """Return the passages of the documents with this name or path."""
        query = (
            "SELECT passages.id FROM passages JOIN documents ON documents.id = document "
            "WHERE name = ? OR path = ?"
        )
        return [number for (number,) in self.connection.execute(query, (name, name))]

    def digest(self, path: str) -> bytes | None:
        """Return the SHA-256 of the document as it was when it was kept."""
        query = "SELECT digest FROM documents WHERE path = ?"
        digest: bytes | None = self.connection.execute(query, (path,)).get
        return digest

    def row(self, number: int) -> tuple[str, str, str, str, str] | None:
        """Return document name, place, heading, text and language of a passage; None: it is gone.

        Another process may have forgotten it since it was found.
        """
        query = (
            "SELECT coalesce(name, ''), place, heading, text, language FROM passages "
            "LEFT JOIN documents ON documents.id = document WHERE passages.id = ?"
        )
        row: tuple[str, str, str, str, str] | None = self.connection.execute(query, (number,)).get
        return row

    def count(self) -> int:
        """Return how many passages there are."""
        return int(self.connection.execute("SELECT count(*) FROM passages").get)
