"""Recordings as a source of sound: files in, 20 ms blocks out, one file after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bus.frames import CHUNK_SAMPLES, SAMPLE_RATE
from stages.place import Place
from stages.recordings import Recording, check_recording

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from models.protocols import Int16Array


class RecordingSource:
    """Recordings heard one after the other, as if spoken in the room. Implements SoundSource.

    After a file comes silence, until `proceed` says where the next one begins.
    now_ns and start_ns: a monotonic clock and its reading at sample 0 of the capture clock;
    a block is there when its last sample would have been recorded. now_ns None: at full speed.
    place: where a dead predecessor's successor hears on; None: at the beginning.
    Raises SourceError when one of the files cannot be heard.
    """

    lost_samples = 0

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        now_ns: Callable[[], int] | None = None,
        start_ns: int = 0,
        place: Place | None = None,
    ) -> None:
        for path in paths:
            check_recording(path)
        self._paths = tuple(paths)
        self._now_ns = now_ns
        self._start_ns = start_ns
        self._finished = not paths
        self._playing: Recording | None = None
        self._blocks = 0
        place = place or Place(begun=0, blocks=None, next_at=0, clock_sample=0, turns=0)
        self._clock_sample = place.clock_sample
        self._next_at = place.next_at if paths else None
        self._begun = place.begun
        if place.blocks is not None:
            self._playing = self._heard_again(place.blocks)

    def start(self, start_ns: int) -> None:
        """Let the capture clock run: take the instant of its sample 0."""
        self._start_ns = start_ns

    @property
    def clock_sample(self) -> int:
        """Capture clock at the first sample of the next block."""
        return self._clock_sample

    @property
    def place(self) -> Place:
        """Where it stands; what is not the source's to know is left at nothing."""
        return Place(
            begun=self._begun,
            blocks=self._blocks if self._playing is not None else None,
            next_at=self._next_at,
            clock_sample=self._clock_sample,
            turns=0,
        )

    @property
    def finished(self) -> bool:
        """All files have been heard and `proceed` was called after the last."""
        return self._finished

    @property
    def between_files(self) -> bool:
        """The current file is at its end: silence comes until `proceed`."""
        return self._playing is None and self._next_at is None

    def proceed(self, at_sample: int) -> None:
        """Begin the next file at `at_sample` of the capture clock, or now if that is past."""
        if not self.between_files:
            return
        if self._begun < len(self._paths):
            self._next_at = at_sample
        else:
            self._finished = True

    def skip_to(self, clock_sample: int) -> None:
        """Let the capture clock jump forward; the file itself goes on where it was."""
        self._clock_sample = max(self._clock_sample, clock_sample)

    def read(self) -> Int16Array | None:
        """Return the next block, shape (320,); None: not due yet. Raises SourceError."""
        if self.due_ms() != 0.0:
            return None
        block = self._file_block()
        self._clock_sample += CHUNK_SAMPLES
        return np.zeros(CHUNK_SAMPLES, np.int16) if block is None else block

    def _file_block(self) -> Int16Array | None:
        if self._next_at is not None and self._clock_sample >= self._next_at:
            self._playing = Recording(self._paths[self._begun])
            self._begun += 1
            self._blocks = 0
            self._next_at = None
        if self._playing is None:
            return None
        block = self._playing.read()
        self._blocks += 1
        if block is None:
            self._playing.close()
            self._playing = None
        return block

    def _heard_again(self, blocks: int) -> Recording:
        """Return the file that was begun last, behind `blocks` of its blocks."""
        recording = Recording(self._paths[self._begun - 1])
        for _ in range(blocks):
            recording.read()
        self._blocks = blocks
        return recording

    def due_ms(self) -> float | None:
        """Return how long until the next block is there; 0 at full speed."""
        if self._now_ns is None:
            return 0.0
        block_end_ns = (self._clock_sample + CHUNK_SAMPLES) * 1_000_000_000 // SAMPLE_RATE
        return max(0.0, (self._start_ns + block_end_ns - self._now_ns()) / 1e6)

    def close(self) -> None:
        """Close what is open."""
        if self._playing is not None:
            self._playing.close()
            self._playing = None
