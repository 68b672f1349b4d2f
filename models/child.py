"""A download command in; its exit code and output out, while the bytes it writes are counted."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from models.mortal import dying_with_us

_POLL_S: Final = 0.2
"""How often a download is looked at: often enough for a bar, too seldom to cost anything."""

_STALL_S: Final = 90.0
"""A download that wrote nothing for so long is given up. Longer than the clients' own time-outs
(15 s, one retry, a few indexes), so that they speak first."""

_LOG_CHARACTERS: Final = 20_000


class Outcome(Struct, frozen=True):
    """How a command ended."""

    code: int
    """Exit code; negative: the signal that ended it."""
    log: str
    """The end of what it wrote to stdout and stderr."""
    stalled: bool


def run_watched(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    grown: Callable[[int], None],
) -> Outcome:
    """Run a command that writes below `folder` and report the bytes there as they grow.

    Its output goes to a file in `folder`, never to the user. It is killed when it stalls, when
    this call is left by an exception (Ctrl-C among them), and when this process dies.
    command: the first word is the path of a program.
    """
    log = folder / "output.txt"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*dying_with_us(), *command],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )
        try:
            stalled = _watch(process, folder, grown)
        finally:
            process.kill()
            process.wait()
    text = log.read_text(encoding="utf-8", errors="replace")
    return Outcome(process.returncode, text[-_LOG_CHARACTERS:], stalled)


def _watch(process: subprocess.Popen[bytes], folder: Path, grown: Callable[[int], None]) -> bool:
    most, changed_at = 0, time.monotonic()
    while True:
        try:
            process.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            size = _bytes_below(folder)
            if size > most:
                most, changed_at = size, time.monotonic()
                grown(most)
            if time.monotonic() - changed_at > _STALL_S:
                return True
        else:
            return False


def _bytes_below(folder: Path) -> int:
    """Return how much there is, but for what the command moves or removes meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):  # which passes over folders that are gone
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += (Path(parent) / name).stat().st_size
    return total
