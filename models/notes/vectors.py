"""Vectors of passages in, the passages whose meaning is near to a question's out.

By the signs of their components first (sqlite-vec, 64 bytes a passage), then by what is stored of
the whole vector: a scan of all whole vectors takes longer than an answer may wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import apsw

from models.notes.centring import tag_of
from models.notes.ranking import cosines, packed
from models.protocols import Float32Array

_COARSE: Final = (64, 256)
"""Fewest and most passages that are compared exactly."""
_WORK: Final = 2_000_000
"""Passages times those compared exactly: sqlite-vec's time grows with that; this much is 5 ms."""


class Vectors:
    """The vectors in one store, all of one model."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def are_of(self, model: str) -> bool:
        """Return whether they can be compared with those of `model`."""
        query = "SELECT value FROM about WHERE name = 'embedding'"
        return bool(self._connection.execute(query).get == tag_of(model))

    def begin_anew(self, model: str, dimensions: int) -> None:
        """Drop all, and take those of `model` from now on; within a transaction."""
        execute = self._connection.execute
        execute("DROP TABLE IF EXISTS nearest")
        execute("DELETE FROM vectors")
        columns = f"id INTEGER PRIMARY KEY, bits bit[{dimensions}]"
        execute(f"CREATE VIRTUAL TABLE nearest USING vec0 ({columns})")
        for name, value in (("embedding", tag_of(model)), ("dimensions", str(dimensions))):
            execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    def put(self, passage: int, vector: Float32Array) -> None:
        """Keep a passage's vector, centred and of length one."""
        self._connection.execute("INSERT INTO vectors VALUES (?, ?)", (passage, packed(vector)))
        self._connection.execute(
            "INSERT INTO nearest (id, bits) VALUES (?, vec_quantize_binary(?))",
            (passage, vector.tobytes()),
        )

    def delete(self, passage: int) -> None:
        """Let go of a passage's vector, which sqlite-vec overwrites with zeros."""
        execute = self._connection.execute
        if execute("SELECT 1 FROM vectors WHERE id = ?", (passage,)).get:
            execute("DELETE FROM nearest WHERE id = ?", (passage,))
            execute("DELETE FROM vectors WHERE id = ?", (passage,))

    def lacking(self) -> list[tuple[int, str, str]]:
        """Return number, heading and text of each passage without a vector."""
        query = (
            "SELECT id, heading, text FROM passages "
            "WHERE NOT EXISTS (SELECT 1 FROM vectors WHERE vectors.id = passages.id)"
        )
        return list(self._connection.execute(query))

    def lacks(self, passage: int) -> bool:
        """Return whether there is such a passage, and no vector of it."""
        query = (
            "SELECT 1 FROM passages WHERE id = ? "
            "AND NOT EXISTS (SELECT 1 FROM vectors WHERE vectors.id = passages.id)"
        )
        return bool(self._connection.execute(query, (passage,)).get)

    def near(self, latent: Float32Array, others: Sequence[int]) -> dict[int, float]:
        """Return the cosines of the nearest passages, and of `others`; latent: centred."""
        last = self._connection.execute("SELECT max(id) FROM vectors").get or 1
        most = min(max(_WORK // last, _COARSE[0]), _COARSE[1])
        query = "SELECT id FROM nearest WHERE bits MATCH vec_quantize_binary(?) AND k = ?"
        coarse = self._connection.execute(query, (latent.tobytes(), most))
        stored = self._steps(dict.fromkeys([*(passage for (passage,) in coarse), *others]))
        if not stored:
            return {}
        found = cosines(latent, list(stored.values()))
        return dict(zip(stored, found.tolist(), strict=True))

    def _steps(self, passages: Iterable[int]) -> dict[int, bytes]:
        wanted = sorted(passages)
        marks = ",".join("?" * len(wanted))
        query = f"SELECT id, steps FROM vectors WHERE id IN ({marks})"  # noqa: S608 - marks only
        return dict(self._connection.execute(query, wanted))
