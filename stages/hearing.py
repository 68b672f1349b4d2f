"""What capture listens to: a source of sound, its pace against the answers, its files in turn."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from bus.frames import SAMPLE_RATE
from stages.microphone import Microphone
from stages.recordings import RecordingSource, check_recording
from stages.sound import SourceError
from stages.sound_card import find_format, load_portaudio

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.protocols import Int16Array

_SETTLE_SAMPLES = 300 * SAMPLE_RATE // 1000
"""Silence heard after a file before it is over: a last word may not have been noticed yet."""


class Hearing(Protocol):
    """A source whose clock is started, and which is told how the turns go."""

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

    def turn_ended(self, turn: int) -> None:
        """Take notice of an utterance's end."""
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


class Recordings:
    """Recordings heard one after the other; the next begins a while after the last answer.

    At full speed the file waits for the answer after each utterance, and the capture clock
    jumps to the answer's end.
    """

    def __init__(
        self, paths: Sequence[Path], *, realtime: bool, gap_samples: int, clock_sample: int
    ) -> None:
        self._paths = paths
        self._realtime = realtime
        self._gap_samples = gap_samples
        self._first_sample = clock_sample
        self._source: RecordingSource | None = None
        self._open_turns: set[int] = set()
        self._waiting_for: int | None = None
        self._answer_end_sample = 0
        self._file_end_sample: int | None = None

    @property
    def clock_sample(self) -> int:
        """Return where the capture clock stands."""
        return self._source.clock_sample if self._source else self._first_sample

    @property
    def finished(self) -> bool:
        """Return whether all files were heard and all turns are closed."""
        return self._source is not None and self._source.finished

    def check(self) -> None:
        """Raise SourceError when one of the files cannot be heard."""
        for path in self._paths:
            check_recording(path)

    def start(self, clock_ns: int) -> None:
        """Let the first file begin."""
        self._source = RecordingSource(
            self._paths,
            now_ns=time.monotonic_ns if self._realtime else None,
            start_ns=clock_ns,
            clock_sample=self._first_sample,
        )

    def read(self) -> Int16Array | None:
        """Return the next block of the file, or of the silence behind it."""
        if self._source is None or self.finished or self._waiting_for is not None:
            return None
        return self._source.read()

    def due_ms(self) -> float | None:
        """Return how long until the next block is there."""
        if self._source is None or self.finished or self._waiting_for is not None:
            return None
        return self._source.due_ms()

    def turn_opened(self, turn: int) -> None:
        """Remember that an answer is owed."""
        self._open_turns.add(turn)

    def turn_ended(self, turn: int) -> None:
        """At full speed, wait for the answer."""
        if not self._realtime:
            self._waiting_for = turn

    def turn_closed(self, turn: int) -> None:
        """Go on listening."""
        self._open_turns.discard(turn)
        if self._waiting_for == turn and self._source is not None:
            self._waiting_for = None
            self._source.skip_to(self._answer_end_sample)

    def answer_ended(self, clock_sample: int) -> None:
        """Remember where the answer ended."""
        self._answer_end_sample = max(self._answer_end_sample, clock_sample)

    def move_on(self, *, speaking: bool) -> None:
        """Begin the next file once the answer to the last has ended."""
        source = self._source
        if source is None or not source.between_files:
            self._file_end_sample = None
            return
        if self._file_end_sample is None:
            self._file_end_sample = source.clock_sample
        settled = source.clock_sample >= self._file_end_sample + _SETTLE_SAMPLES
        if speaking or self._open_turns or not settled:
            return
        last_sample = max(self._file_end_sample, self._answer_end_sample)
        source.proceed(last_sample + self._gap_samples)

    def close(self) -> None:
        """Close the file."""
        if self._source is not None:
            self._source.close()


class Device:
    """A microphone: always there, never over, and no answer holds it up."""

    finished = False

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

    def turn_ended(self, turn: int) -> None:
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
