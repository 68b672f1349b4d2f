"""Kill -9 while facts are remembered and forgotten in; what of the acknowledged is lost out.

A process remembers facts without end and forgets every fourth, and says a line for each when it is
done. It is killed at a moment drawn at random; the next one goes on in the same store. After each
kill the store must be whole, hold what was acknowledged, and nothing that was said to be forgotten.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import apsw

from benchmarks.fault_house import Scene
from benchmarks.fault_wish import killed_turns
from benchmarks.figures import Figures
from config.load import load_settings
from models.notes import open_notes
from models.notes.database import open_database
from models.notes.errors import NotesError

_PROJECT: Final = Path(__file__).parent.parent
_LONGEST_S: Final = 0.3
_FORGOTTEN_EVERY: Final = 4
_TRADES: Final = ("fontanero", "electrician", "gardener", "pediatra", "vet", "mecánico")


class _Ledger:
    """What a user was told, line by line."""

    def __init__(self) -> None:
        self.kept: set[int] = set()
        self.forgotten: set[int] = set()
        self.lost = self.came_back = self.damaged = 0
        self._wished = -1
        """A fact that was to be forgotten when the process died: nobody knows."""

    def read(self, lines: Iterable[str]) -> None:
        """Take notice of what one process said; a torn last line was not said."""
        self._wished = -1
        for line in lines:
            what, number = line.split()
            if what == "kept":
                self.kept.add(int(number))
            elif what == "forgetting":
                self._wished = int(number)
            else:
                self.forgotten.add(int(number))
                self.kept.discard(int(number))

    def compare(self, path: Path) -> None:
        """Count what the store lacks and what it should not have."""
        try:
            connection = open_database(path, "", 4)
            connection.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        except (NotesError, apsw.Error):
            self.damaged += 1
            return
        there = {number for (number,) in connection.execute("SELECT id FROM passages")}
        found = {number for (number,) in connection.execute("SELECT id FROM vectors")}
        near = {number for (number,) in connection.execute("SELECT id FROM nearest")}
        self.damaged += connection.pragma("integrity_check") != "ok" or not there == found == near
        connection.close()
        self.lost += len(self.kept - there - {self._wished})
        self.came_back += len(self.forgotten & there)
        self.kept &= there


def measure(scene: Scene) -> Figures:
    """Kill as often as the scene has rounds: who remembers on the command line, and the thinker."""
    return {"remember": killed_writers(scene), "turn": killed_turns(scene)}


def killed_writers(scene: Scene) -> Figures:
    """Kill a process that remembers and forgets, again and again in the same store."""
    draw = random.Random(scene.seed)  # noqa: S311 - no secret
    path = scene.folder / "notes.db"
    scene.folder.mkdir(parents=True, exist_ok=True)
    ledger = _Ledger()
    for at in range(scene.rounds):
        ledger.read(_killed(path, at, draw.uniform(0.0, _LONGEST_S)))
        ledger.compare(path)
    return {
        "kills": scene.rounds,
        "acknowledged": len(ledger.kept) + len(ledger.forgotten),
        "forgotten": len(ledger.forgotten),
        "lost": ledger.lost,
        "came_back": ledger.came_back,
        "damaged": ledger.damaged,
        "ok": not (ledger.lost or ledger.came_back or ledger.damaged) and bool(ledger.kept),
    }


def _killed(path: Path, at: int, after_s: float) -> list[str]:
    """Let a process remember, kill it so long after its first word; return its whole lines."""
    command = [sys.executable, "-m", "benchmarks.fault_remember", str(path), str(at)]
    with subprocess.Popen(command, cwd=_PROJECT, stdout=subprocess.PIPE) as process:
        if process.stdout is None:
            raise RuntimeError("the process has no output")
        first = process.stdout.readline()
        time.sleep(after_s)
        process.kill()
        said = (first + process.stdout.read()).decode()
    return said.splitlines() if said.endswith("\n") else said.splitlines()[:-1]


def main(arguments: list[str]) -> int:
    """Remember facts until killed; a line for each once it is done."""
    path, at = arguments
    notes = open_notes(load_settings("tiny", None, [f"memory.path={path}"]))
    numbers: list[int] = []
    for count in range(1, 1_000_000):
        trade = _TRADES[count % len(_TRADES)]
        numbers.append(notes.remember(f"The {trade} number {count} of house {at} rings twice."))
        _tell("kept", numbers[-1])
        if count % _FORGOTTEN_EVERY == 0:
            _tell("forgetting", numbers[-2])
            notes.forget(numbers[-2])
            _tell("forgotten", numbers[-2])
    return 0


def _tell(what: str, number: int) -> None:
    sys.stdout.write(f"{what} {number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
