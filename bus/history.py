"""What was said in a session: frames go in, one small file of texts comes out.

The thinker reads it when it starts: a successor remembers the conversation.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bus.frames import AnyFrame, AnyTurnFrame, Closed, Forgotten, Played, SummedUp, Transcript
from config.logs import log

MOST_EXCHANGES: Final = 64
"""Far more than fits into a prompt; the file lies in memory and must not grow."""

_KEPT: Final = MOST_EXCHANGES // 2

_AnyExchange = TypeVar("_AnyExchange")

FOLDER: Final = "history"
"""Of the runtime folder."""

HALF_WRITTEN: Final = ".new"
"""Suffix of a file that was to take the place of another: its writer may have been killed."""


def kept_of(exchanges: Sequence[_AnyExchange]) -> Sequence[_AnyExchange]:
    """Return the newest of `exchanges`, all of them while they are few.

    Many go at once, and then none for as many turns: where prompts begin is counted from the oldest
    one at hand, and a prompt that begins elsewhere is read anew.
    """
    return exchanges if len(exchanges) <= MOST_EXCHANGES else exchanges[-_KEPT:]


class Exchange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A closed turn that had words."""

    turn: int
    language: str
    transcript: str
    heard: str
    """The part of the answer that was heard."""


class Told(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a session."""

    exchanges: tuple[Exchange, ...] = ()
    """Oldest first."""
    summary: str = ""
    """Of what was said before them."""


class History:
    """Writes what was said in a session, whole and anew at each closed turn."""

    def __init__(self, runtime: Path, guests: Collection[str] = ()) -> None:
        """Take the runtime folder, and the languages that prompts are not written in."""
        self._runtime = runtime
        self._guests = guests
        self._asked: dict[tuple[str, int], Transcript] = {}
        self._heard: dict[tuple[str, int], str] = {}
        self._told: dict[str, Told] = {}
        self._forgotten: set[tuple[str, int]] = set()
        self._has_complained = False

    def note(self, frame: AnyTurnFrame) -> None:
        """Take notice of a routed frame."""
        key = (frame.session, frame.turn)
        match frame:
            case Transcript(state="final"):
                self._asked[key] = frame
            case Played():
                self._heard[key] = frame.text
            case SummedUp():
                told = self._of(frame.session)
                kept = told.exchanges[-frame.kept :] if frame.kept else ()
                self._write(frame.session, Told(exchanges=kept, summary=frame.text))
            case Forgotten():
                self._forgotten.add(key)
                self._write(frame.session, Told())
            case Closed():
                heard = self._heard.pop(key, "")
                asked = self._asked.pop(key, None)
                if key in self._forgotten:
                    self._forgotten.discard(key)
                    return
                if asked is not None and heard and self._is_told(asked, frame):
                    self._add(asked, heard)
            case _:
                return

    def take_up(self, frames: Iterable[AnyFrame]) -> None:
        """Take notice of what a dead hub has routed in turns that are open still."""
        for frame in frames:
            if isinstance(frame, Transcript | Played):
                self.note(frame)
            elif isinstance(frame, Forgotten):
                self._forgotten.add((frame.session, frame.turn))

    def _is_told(self, asked: Transcript, closed: Closed) -> bool:
        """Return whether prompts tell of such a turn, as sums count them.

        What a guest said they tell in the home's language alone, which the hub does not hear.
        """
        wanted_answer = closed.reason not in ("no_words", "no_answer")
        return wanted_answer and bool(asked.text.strip()) and asked.language not in self._guests

    def _of(self, session: str) -> Told:
        if session not in self._told:
            self._told[session] = read_history(self._runtime, session)
        return self._told[session]

    def _add(self, asked: Transcript, heard: str) -> None:
        told = self._of(asked.session)
        exchange = Exchange(
            turn=asked.turn, language=asked.language, transcript=asked.text, heard=heard
        )
        exchanges = kept_of((*told.exchanges, exchange))
        self._write(asked.session, Told(exchanges=tuple(exchanges), summary=told.summary))

    def _write(self, session: str, told: Told) -> None:
        self._told[session] = told
        try:
            write_history(self._runtime, session, told)
        except OSError as error:
            if not self._has_complained:
                self._has_complained = True
                log.error(
                    "history not written; it is lost when the hub ends",
                    file=str(_path(self._runtime, session)),
                    reason=str(error),
                )


def write_history(runtime: Path, session: str, told: Told) -> None:
    """Keep what is known of a session, in the place of what was. Raises OSError."""
    path = _path(runtime, session)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    _half_written(path, told).replace(path)


def read_history(runtime: Path, session: str) -> Told:
    """Return what is known of a session: nothing where there is no readable file."""
    try:
        return msgspec.msgpack.decode(_path(runtime, session).read_bytes(), type=Told)
    except (OSError, msgspec.DecodeError):
        return Told()


def fresh_start(path: Path) -> None:
    """Have a kept file go before the first turn of a daemon that begins to count anew."""
    try:
        told = msgspec.msgpack.decode(path.read_bytes(), type=Told)
    except (OSError, msgspec.DecodeError):
        path.unlink(missing_ok=True)
        return
    before = tuple(replace(each, turn=0) for each in told.exchanges)
    kept_at = path.stat()
    fresh = _half_written(path, replace(told, exchanges=before))
    os.utime(fresh, ns=(kept_at.st_atime_ns, kept_at.st_mtime_ns))
    fresh.replace(path)


def _half_written(path: Path, told: Told) -> Path:
    """Return a file beside `path` with what shall take its place: who is killed loses nothing."""
    fresh = path.with_suffix(HALF_WRITTEN)
    fresh.write_bytes(msgspec.msgpack.encode(told))
    return fresh


def _path(runtime: Path, session: str) -> Path:
    return runtime / FOLDER / f"{session}.msgpack"
