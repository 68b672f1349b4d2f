"""What a daemon printed and recorded in; turns, restarts and lines of its log out."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from msgspec import Struct

from models.protocols import Float32Array


class Left(Struct, frozen=True):
    """What a daemon has left behind."""

    report: dict[str, Any]
    """What `ask --json` printed; empty where it printed nothing."""
    room: Float32Array
    exit_code: int
    output: str
    errors: str

    @property
    def turns(self) -> list[dict[str, Any]]:
        """The report's turns."""
        return list(self.report.get("turns", []))

    @property
    def answered(self) -> int:
        """Turns whose whole answer was heard."""
        return sum(turn["heard"] == turn["answer"] != "" for turn in self.turns)

    @property
    def restarts(self) -> dict[str, int]:
        """Restarts of each process."""
        workers = self.report.get("workers", {})
        return {name: worker["restarts"] for name, worker in workers.items()}

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of its log that tell of `event`."""
        return lines_about(self.errors, event)


def lines_about(errors: str, event: str) -> list[dict[str, Any]]:
    """Return the lines of a log that tell of `event`."""
    lines = []
    for line in errors.splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            document = json.loads(line)
            if isinstance(document, dict) and document.get("event") == event:
                lines.append(document)
    return lines
