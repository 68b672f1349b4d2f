"""What was said in a session: frames go in, one small file of texts comes out.

The thinker reads it when it starts: a successor remembers the conversation.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from bus.frames import AnyTurnFrame, Closed, Played, Transcript
from config.logs import log

MOST_EXCHANGES: Final = 64
"""Far more than fits into a prompt; the file lies in memory and must not grow."""

_FOLDER: Final = "history"


class Exchange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A closed turn that had words."""

    turn: int
    language: str
    transcript: str
    heard: str
    """The part of the answer that was heard."""


class History:
    """Writes a session's exchanges, oldest first, whole and anew at each closed turn."""

    def __init__(self, runtime: Path) -> None:
        self._runtime = runtime
        self._asked: dict[tuple[str, int], Transcript] = {}
        self._heard: dict[tuple[str, int], str] = {}
        self._exchanges: dict[str, deque[Exchange]] = {}
        self._has_complained = False

    def note(self, frame: AnyTurnFrame) -> None:
        """Take notice of a routed frame."""
        key = (frame.session, frame.turn)
        match frame:
            case Transcript(state="final"):
                self._asked[key] = frame
            case Played():
                self._heard[key] = frame.text
            case Closed():
                heard = self._heard.pop(key, "")
                asked = self._asked.pop(key, None)
                wants_answer = frame.reason not in ("no_words", "no_answer")
                if wants_answer and asked is not None and asked.text.strip():
                    self._add(asked, heard)
            case _:
                return

    def _add(self, asked: Transcript, heard: str) -> None:
        exchanges = self._exchanges.get(asked.session)
        if exchanges is None:
            past = read_history(self._runtime, asked.session)
            exchanges = self._exchanges[asked.session] = deque(past, maxlen=MOST_EXCHANGES)
        exchanges.append(
            Exchange(turn=asked.turn, language=asked.language, transcript=asked.text, heard=heard)
        )
        path = _path(self._runtime, asked.session)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            fresh = path.with_suffix(".new")
            fresh.write_bytes(msgspec.msgpack.encode(list(exchanges)))
            fresh.replace(path)
        except OSError as error:
            if not self._has_complained:
                self._has_complained = True
                log.warning(
                    "history not written; it is lost when the hub ends",
                    file=str(path),
                    reason=str(error),
                )


def read_history(runtime: Path, session: str) -> list[Exchange]:
    """Return the exchanges of a session, oldest first; none where there is no readable file."""
    try:
        return msgspec.msgpack.decode(_path(runtime, session).read_bytes(), type=list[Exchange])
    except (OSError, msgspec.DecodeError):
        return []


def _path(runtime: Path, session: str) -> Path:
    return runtime / _FOLDER / f"{session}.msgpack"
