"""Where sound comes from and where it goes: what capture and playback ask of their rims.

SoundError              one line: what, where, what to do (exit code 2)
├── SourceError         a recording or microphone cannot be heard
└── SinkError           a recording cannot be written or a loudspeaker cannot play

All positions are samples of the capture clock (16 kHz). Sources and sinks own whatever reads
a real clock; the stages that use them own none.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from models.protocols import Int16Array


class SoundError(Exception):
    """One line that says what, where and what to do."""


class SourceError(SoundError):
    """Sound cannot be had from there."""


class SinkError(SoundError):
    """Sound cannot be put there."""


class SoundSource(Protocol):
    """Something that hears a room."""

    @property
    def clock_sample(self) -> int:
        """Capture clock at the first sample of the block that `read` returns next."""
        ...

    @property
    def finished(self) -> bool:
        """Nothing but silence will ever come."""
        ...

    @property
    def lost_samples(self) -> int:
        """Samples that came too fast to be read, so far; silence stands in their place."""
        ...

    def read(self) -> Int16Array | None:
        """Return the next 20 ms, shape (320,), int16, 16 kHz; None: not there yet.

        Raises SourceError when the source fails.
        """
        ...

    def due_ms(self) -> float | None:
        """Return how long until `read` has a block: 0 now, None: cannot be known."""
        ...

    def close(self) -> None:
        """Let go of the file or device."""
        ...


class Heard(Struct, frozen=True, kw_only=True):
    """How far the loudspeaker has come in an answer."""

    samples: int
    """Of what was queued since `begin`, how much was heard, as time at 16 kHz."""
    clock_sample: int
    """Capture clock at the end of the last sample heard; now, if nothing was heard yet."""
    first_clock_sample: int | None
    """Capture clock at the first sample heard; None: nothing was heard yet."""
    queued_samples: int
    """Still to be heard, as time at 16 kHz."""


class SoundSink(Protocol):
    """Something that is heard in a room."""

    def begin(self) -> None:
        """Start an answer: counters go back to zero, whatever was queued is dropped."""
        ...

    def play(self, pcm: Int16Array, rate: int) -> None:
        """Queue sound behind what is queued; never blocks.

        pcm: shape (n,), int16, mono, `rate` samples per second.
        Raises SinkError when the sink fails.
        """
        ...

    def finish(self) -> None:
        """Say that nothing follows: what the resampler still holds is queued."""
        ...

    def duck(self, gain: float, ramp_ms: int) -> None:
        """Play what follows at `gain`, 0 to 1, until the next `begin`; it takes `ramp_ms`."""
        ...

    def stop(self) -> Heard:
        """Fall silent within 10 ms and drop what was not heard."""
        ...

    def heard(self) -> Heard:
        """Return how far it has come, device latency taken off. Raises SinkError."""
        ...

    def due_ms(self) -> float | None:
        """Return how long until `heard` is worth asking again; None: it has told all."""
        ...

    def close(self, total_samples: int) -> None:
        """Let go of the file or device; a recording is made `total_samples` long, at least."""
        ...
