"""A specialist's process, from inside: questions from the line in, words on the line out.

Started as `python -m models.pool.process DESCRIPTOR` by `models.pool.running`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Protocol

from config.load import settings_from_json
from config.settings import Settings
from models.errors import ModelError
from models.pool.messages import (
    MOST_BYTES,
    Ask,
    Begin,
    Ended,
    Failed,
    Leave,
    Loaded,
    Piece,
    Reply,
    Task,
    Wish,
    packed,
    wishes,
)


class Engine(Protocol):
    """One who answers."""

    def answer(self, task: Task) -> Iterator[str | None]:
        """Yield words as they come; None between two steps without any.

        Raises ModelError when it cannot go on.
        """
        ...


def open_engine(name: str, settings: Settings) -> Engine:
    """Load the specialist `name`. Raises ModelError. Imports no other engine than its own."""
    match settings.pool.specialists[name].kind:
        case "server":
            from models.pool.server import ServerExpert  # noqa: PLC0415

            return ServerExpert(name, settings.pool)
        case "local":
            from models.pool.local import LocalExpert  # noqa: PLC0415

            return LocalExpert(name, settings)
        case "vision":
            from models.pool.vision import VisionModel  # noqa: PLC0415

            return VisionModel(name, settings)
        case "translation":
            from models.pool.translator import Translator  # noqa: PLC0415

            return Translator(name, settings)


class Process:
    """Answers one question at a time until the line is closed."""

    def __init__(self, line: Connection[bytes, bytes]) -> None:
        self._line = line
        self._waiting: list[Ask] = []

    def run(self) -> None:
        """Load, then answer. Raises EOFError or OSError when nobody is at the other end."""
        begin = self._take()
        if not isinstance(begin, Begin):
            raise EOFError  # noqa: TRY004 - whoever wrote this is not one of ours
        try:
            engine = open_engine(begin.name, settings_from_json(begin.settings))
        except Exception as failure:  # noqa: BLE001 - whatever it was, it is told
            self._say(Failed(0, _line_of(failure)))
            return
        self._say(Loaded())
        while True:
            # All that came while it loaded is read first: a question may have been left since.
            while not self._waiting or self._line.poll():
                self._note(self._take())
            ask = self._waiting.pop()
            self._waiting.clear()  # only the newest question has somebody who waits
            self._answer(engine, ask)

    def _answer(self, engine: Engine, ask: Ask) -> None:
        try:
            for piece in engine.answer(ask.task):
                if piece:
                    self._say(Piece(ask.number, piece))
                while self._line.poll():
                    if self._note(self._take()) >= ask.number:
                        return
        except (EOFError, BrokenPipeError):
            raise
        except Exception as failure:  # noqa: BLE001 - whatever it was, it is told
            self._say(Failed(ask.number, _line_of(failure)))
        else:
            self._say(Ended(ask.number))

    def _note(self, wish: Wish) -> int:
        """Return the number up to which nobody waits any more."""
        match wish:
            case Ask(number):
                self._waiting.append(wish)
                return number - 1
            case Leave(number):
                self._waiting = [ask for ask in self._waiting if ask.number != number]
                return number
            case Begin():
                return 0

    def _take(self) -> Wish:
        wish: Wish = wishes.decode(self._line.recv_bytes(MOST_BYTES))
        return wish

    def _say(self, reply: Reply) -> None:
        self._line.send_bytes(packed(reply))


def _line_of(failure: Exception) -> str:
    said = (
        str(failure) if isinstance(failure, ModelError) else f"{type(failure).__name__}: {failure}"
    )
    return said.splitlines()[0][:500]


def main() -> None:
    """Serve the line whose descriptor is the argument."""
    try:
        Process(Connection(int(sys.argv[1]))).run()
    except (EOFError, OSError):
        return  # the thinker is gone, or wants this process gone


if __name__ == "__main__":
    main()
