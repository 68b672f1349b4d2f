"""What capture listens to: a clock and the turns in, 20 ms blocks of sound out; a microphone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from stages.microphone import Microphone
from stages.sound import SourceError
from stages.sound_card import find_format, load_portaudio

if TYPE_CHECKING:
    from models.protocols import Int16Array


class Hearing(Protocol):
    """A source whose clock is started, and which is told how the turns go."""

    @property
    def turns(self) -> int | None:
        """How many turns came before what is heard first, taken up from a predecessor."""
        ...

    @property
    def clock_sample(self) -> int:
        """Capture clock at the first sample of the block that `read` returns next."""
        ...

    @property
    def finished(self) -> bool:
        """Nothing will ever come."""
        ...

    def check(self) -> None:
        """Raise SourceError when there is nothing to hear."""
        ...

    def start(self, clock_ns: int) -> None:
        """Let the capture clock run. clock_ns: the monotonic instant of sample 0."""
        ...

    def read(self) -> Int16Array | None:
        """Return the next 20 ms, shape (320,), int16, 16 kHz; None: not there yet."""
        ...

    def due_ms(self) -> float | None:
        """Return how long until `read` has a block; None: it cannot be known."""
        ...

    def turn_opened(self, turn: int) -> None:
        """Take notice of an utterance's beginning."""
        ...

    def turn_ended(self, turn: int, *, owed: bool = True) -> None:
        """Take notice of an utterance's end. owed: its turn is not closed yet."""
        ...

    def turn_closed(self, turn: int) -> None:
        """Take notice that a turn is answered, or never will be."""
        ...

    def answer_ended(self, clock_sample: int) -> None:
        """Take notice of the last sample of an answer."""
        ...

    def move_on(self, *, speaking: bool) -> None:
        """Go to the next file when the current one is over and nobody speaks."""
        ...

    def close(self) -> None:
        """Let go of the file or device."""
        ...


class Device:
    """A microphone: always there, never over, and no answer holds it up."""

    finished = False
    turns = None

    def __init__(self, name: str) -> None:
        self._name = name
        self._microphone: Microphone | None = None

    @property
    def clock_sample(self) -> int:
        """Return where the capture clock stands."""
        return self._microphone.clock_sample if self._microphone else 0

    def check(self) -> None:
        """Raise SourceError when there is no microphone."""
        find_format(load_portaudio(SourceError), self._name, "input", SourceError)

    def start(self, clock_ns: int) -> None:
        """Begin to listen."""
        self._microphone = Microphone(self._name, now_ns=time.monotonic_ns, start_ns=clock_ns)

    def read(self) -> Int16Array | None:
        """Return the next 20 ms."""
        return self._microphone.read() if self._microphone else None

    def due_ms(self) -> float | None:
        """Return how long until they should be there."""
        return self._microphone.due_ms() if self._microphone else None

    def turn_opened(self, turn: int) -> None:
        """Nothing to do: a room is not held up."""

    def turn_ended(self, turn: int, *, owed: bool = True) -> None:
        """Nothing to do."""

    def turn_closed(self, turn: int) -> None:
        """Nothing to do."""

    def answer_ended(self, clock_sample: int) -> None:
        """Nothing to do."""

    def move_on(self, *, speaking: bool) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Let go of the microphone."""
        if self._microphone is not None:
            self._microphone.close()
