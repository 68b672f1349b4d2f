"""The place of the store and a key in, an open SQLite database out, checked and with its tables.

One file: passages and their sources, their words (FTS5), their vectors (sqlite-vec), encrypted if
there is a key (SQLite3 Multiple Ciphers, ChaCha20-Poly1305). What is committed is on the disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw
import sqlite_vec  # type: ignore[import-untyped]

from models.notes.errors import KeyUnsafe, NotesDamaged, NotesError, NotesLocked, NotesUnusable

FORMAT: Final = 1
"""In the file's user_version."""

_APPLICATION: Final = 0x5A7A1
"""In the file's application_id: another program's database is not written into."""
_BUSY_MS: Final = 1_000
"""How long another process's change is waited for. The thinker waits here, too, and one that is
silent for 2 s is taken for dead."""
_CHECKED_BYTES: Final = 32 << 20
"""Up to this size the whole store is checked at each open (50 ms), above only after a crash."""
_OTHERS: Final = 0o077

_TABLES: Final = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, name TEXT NOT NULL, digest BLOB NOT NULL
) STRICT;
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- a number is never given twice
    document INTEGER REFERENCES documents (id), -- none: a fact that somebody told
    place TEXT NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL
) STRICT;
CREATE INDEX passages_of ON passages (document);
CREATE TABLE vectors (id INTEGER PRIMARY KEY, steps BLOB NOT NULL) STRICT;
CREATE VIRTUAL TABLE words USING fts5 (
    heading, text, content = 'passages', content_rowid = 'id', detail = 'none',
    prefix = '4 5 6', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
"""


def open_database(path: Path, key_file: str, cache_mb: int) -> apsw.Connection:
    """Return the store of `path`, made if it is not there, readable for its owner only.

    key_file: where the key is; empty: no encryption. cache_mb: pages kept in memory.
    Raises NotesUnusable, NotesDamaged, NotesLocked, KeyUnsafe.
    """
    key = _read_key(Path(key_file).expanduser()) if key_file else ""
    with explained(path):
        crashed = path.with_name(f"{path.name}-wal").exists()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = apsw.Connection(str(path))
        try:
            _prepare(connection, key, cache_mb)
            _check(connection, path, whole=crashed or path.stat().st_size <= _CHECKED_BYTES)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into ours."""
    try:
        yield
    except apsw.NotADBError as error:
        raise NotesLocked(
            f"{path}: is encrypted with another key, or is no store; "
            "set memory.key_file to its key, or memory.path to another file"
        ) from error
    except apsw.CorruptError as error:
        raise _damaged(path, str(error)) from error
    except (apsw.Error, OSError) as error:
        raise NotesUnusable(
            f"{path}: {error}; make room or make it accessible, or set memory.path"
        ) from error


def _read_key(file: Path) -> str:
    try:
        mode = file.stat().st_mode
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnsafe(f"{file}: cannot be read as a key: {error}; write one there") from error
    if mode & _OTHERS:
        raise KeyUnsafe(f"{file}: others may read it; run: chmod 600 {file}")
    if not key:
        raise KeyUnsafe(f"{file}: holds no key; write a long random line there")
    return key


def _prepare(connection: apsw.Connection, key: str, cache_mb: int) -> None:
    connection.set_busy_timeout(_BUSY_MS)
    if key:
        connection.pragma("key", key)
    connection.enable_load_extension(True)  # noqa: FBT003 - its only argument, positional
    connection.load_extension(sqlite_vec.loadable_path())
    connection.enable_load_extension(False)  # noqa: FBT003 - the same
    connection.pragma("cache_size", -1_024 * cache_mb)
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "full")
    connection.pragma("secure_delete", 1)
    connection.pragma("foreign_keys", 1)


def _check(connection: apsw.Connection, path: Path, *, whole: bool) -> None:
    if not _has_tables(connection):
        _make_tables(connection)
    kind = connection.pragma("application_id")
    version = connection.pragma("user_version")
    if kind != _APPLICATION:
        raise NotesUnusable(f"{path}: is another program's database; set memory.path")
    if version != FORMAT:
        raise NotesUnusable(
            f"{path}: has format {version}, this version reads {FORMAT}; "
            "use the version that wrote it, or set memory.path"
        )
    if whole and (verdict := connection.pragma("quick_check", 1)) != "ok":
        raise _damaged(path, str(verdict))


def _make_tables(connection: apsw.Connection) -> None:
    """Make the tables, unless another process was faster."""
    connection.execute("BEGIN IMMEDIATE")
    if not _has_tables(connection):
        connection.execute(_TABLES)
        connection.pragma("application_id", _APPLICATION)
        connection.pragma("user_version", FORMAT)
    connection.execute("COMMIT")


def _has_tables(connection: apsw.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_schema").get)


def _damaged(path: Path, why: str) -> NotesError:
    reason = (why.splitlines() or ["damaged"])[0]
    return NotesDamaged(
        f"{path}: damaged ({reason}); move it away with its -wal file and remember the documents "
        "anew, or bring it back from a copy"
    )
