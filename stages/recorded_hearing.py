"""Recordings as what capture listens to: files and the pace of the answers in, blocks out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec import structs

from bus.frames import SAMPLE_RATE
from stages.recording_source import RecordingSource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.protocols import Int16Array
    from stages.place import Place, PlaceFile

_SETTLE_SAMPLES = 300 * SAMPLE_RATE // 1000
"""Silence heard after a file before it is over: a last word may not have been noticed yet."""

_PLACE_EVERY_SAMPLES = 10 * SAMPLE_RATE
"""In silence, a place is kept so often: what a successor hears again takes it no time."""

_TAKE_UP_NS = 300_000_000
"""A successor listens for so long to what the hub says of open turns before it hears on."""


class Recordings:
    """Recordings heard one after the other; the next begins a while after the last answer.

    At full speed the file waits for the answer after each utterance, and the capture clock
    jumps to the answer's end.
    kept: where places between utterances are kept; place: what a dead predecessor kept.
    known_sample: how far the hub knows the capture clock to have run while nobody spoke.
    paced: False: sound is there at once, though answers are waited for as in real time.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        realtime: bool,
        gap_samples: int,
        kept: PlaceFile,
        place: Place | None = None,
        known_sample: int = 0,
        paced: bool = True,
    ) -> None:
        self._paths = paths
        self._realtime = realtime
        self._is_paced = realtime and paced
        self._gap_samples = gap_samples
        self._kept = kept
        self._place = place
        self._prepared: RecordingSource | None = None
        self._source: RecordingSource | None = None
        self._begins_ns = 0
        self._open_turns: set[int] = set()
        self._waiting_for: int | None = None
        self._is_successor = place is not None
        self._turns = place.turns if place else 0
        self._answer_end_sample = max(place.answer_end_sample, known_sample) if place else 0
        self._file_end_sample = place.file_end_sample if place else None

    @property
    def turns(self) -> int | None:
        """Return how many turns came before the place that is taken up; None: there is none."""
        return self._turns if self._is_successor else None

    @property
    def clock_sample(self) -> int:
        """Return where the capture clock stands."""
        return self._source.clock_sample if self._source else 0

    @property
    def finished(self) -> bool:
        """Return whether all files were heard and all turns are closed."""
        return self._source is not None and self._source.finished

    def check(self) -> None:
        """Raise SourceError when one of the files cannot be heard."""
        self._prepared = RecordingSource(
            self._paths, now_ns=time.monotonic_ns if self._is_paced else None, place=self._place
        )

    def start(self, clock_ns: int) -> None:
        """Let the first file begin."""
        self._source, self._prepared = self._prepared, None
        if self._source is not None:
            self._source.start(clock_ns)
        if self._is_successor:
            self._begins_ns = time.monotonic_ns() + _TAKE_UP_NS

    def read(self) -> Int16Array | None:
        """Return the next block of the file, or of the silence behind it."""
        if self._source is None or self.due_ms() != 0.0:
            return None
        return self._source.read()

    def due_ms(self) -> float | None:
        """Return how long until the next block is there."""
        if self._source is None or self.finished or self._waiting_for is not None:
            return None
        if self._begins_ns:
            left_ns = self._begins_ns - time.monotonic_ns()
            if left_ns > 0:
                return left_ns / 1e6
            self._take_up(self._source)
        return self._source.due_ms()

    def _take_up(self, source: RecordingSource) -> None:
        """At full speed the clock stands behind the answers that a predecessor waited for."""
        self._begins_ns = 0
        if not self._realtime and not self._open_turns:
            source.skip_to(self._answer_end_sample)

    def turn_opened(self, turn: int) -> None:
        """Remember that an answer is owed."""
        self._open_turns.add(turn)

    def turn_ended(self, turn: int, *, owed: bool = True) -> None:
        """At full speed, wait for the answer."""
        self._turns = max(self._turns, turn)
        self._place = None
        if self._realtime:
            return
        if owed:
            self._waiting_for = turn
        elif self._source is not None:
            self._source.skip_to(self._answer_end_sample)

    def turn_closed(self, turn: int) -> None:
        """Go on listening."""
        self._open_turns.discard(turn)
        if self._waiting_for == turn:
            self._waiting_for = self._place = None
            if self._source is not None:
                self._source.skip_to(self._answer_end_sample)

    def answer_ended(self, clock_sample: int) -> None:
        """Remember where the answer ended."""
        self._answer_end_sample = max(self._answer_end_sample, clock_sample)

    def move_on(self, *, speaking: bool) -> None:
        """Begin the next file once the answer to the last has ended."""
        source = self._source
        if source is None or self._begins_ns or speaking:
            return
        self._proceed(source)
        self._keep_place(source)

    def _proceed(self, source: RecordingSource) -> None:
        if not source.between_files:
            self._file_end_sample = None
            return
        if self._file_end_sample is None:
            self._file_end_sample = source.clock_sample
        settled = source.clock_sample >= self._file_end_sample + _SETTLE_SAMPLES
        if self._open_turns or not settled:
            return
        last_sample = max(self._file_end_sample, self._answer_end_sample)
        source.proceed(last_sample + self._gap_samples)

    def _keep_place(self, source: RecordingSource) -> None:
        """Keep the place where nobody speaks, after all that a successor could not find out."""
        old, now = self._place, source.place
        if (
            old is not None
            and (old.begun, old.next_at) == (now.begun, now.next_at)
            and now.clock_sample < old.clock_sample + _PLACE_EVERY_SAMPLES
        ):
            return
        self._place = structs.replace(
            now,
            turns=self._turns,
            file_end_sample=self._file_end_sample,
            answer_end_sample=self._answer_end_sample,
        )
        self._kept.write(self._place)

    def close(self) -> None:
        """Close the file."""
        for source in (self._source, self._prepared):
            if source is not None:
                source.close()
