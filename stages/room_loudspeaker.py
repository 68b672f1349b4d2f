"""A loudspeaker that is not there: sound in, what a microphone in the room would record out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bus.frames import CHUNK_SAMPLES, SAMPLE_RATE
from models.protocols import Int16Array
from stages.playout import Playout
from stages.room import RoomRecording
from stages.sound import Heard

_CHUNK_MS: Final = CHUNK_SAMPLES * 1000 / SAMPLE_RATE


class RoomLoudspeaker:
    """Plays into a RoomRecording (None: into nothing) without delay. Implements SoundSink.

    now_sample: the capture clock, read wherever sound is taken or asked for. None: at full
    speed, where sound is heard the moment it is queued and the clock runs on by its length.
    """

    def __init__(
        self, recording: RoomRecording | None, now_sample: Callable[[], int] | None = None
    ) -> None:
        self._recording = recording
        self._now_sample = now_sample
        self._playout = Playout(SAMPLE_RATE)
        self._played_to = 0
        self._untold = False

    def not_before(self, clock_sample: int) -> None:
        """At full speed, let the clock run on to `clock_sample`: what it answers ended there."""
        if self._now_sample is None:
            self._advance()
            self._played_to = max(self._played_to, clock_sample)

    def begin(self) -> None:
        """Start an answer."""
        self._advance()
        self._playout.begin()

    def play(self, pcm: Int16Array, rate: int) -> None:
        """Queue sound, shape (n,), int16. Raises SinkError."""
        self._untold = True
        self._advance()
        self._playout.play(pcm, rate)
        self._advance()

    def finish(self) -> None:
        """Queue what the resampler holds. Raises SinkError."""
        self._playout.finish()
        self._advance()

    def duck(self, gain: float, ramp_ms: int) -> None:
        """Play what follows at `gain`. Raises SinkError."""
        self._advance()
        self._playout.duck(gain, ramp_ms)

    def stop(self) -> Heard:
        """Fade out and drop the rest. Raises SinkError."""
        self._advance()
        self._playout.stop()
        queued_samples = self._playout.heard(self._played_to).queued_samples
        self._put(queued_samples)
        return self._playout.heard(self._played_to)

    def heard(self) -> Heard:
        """Return how far it has come. Raises SinkError."""
        self._advance()
        heard = self._playout.heard(self._played_to)
        self._untold = heard.queued_samples > 0
        return heard

    def due_ms(self) -> float | None:
        """Return 20 ms, at full speed 0, until `heard` has told that all was heard."""
        if not self._untold:
            return None
        return 0.0 if self._now_sample is None else _CHUNK_MS

    def close(self, total_samples: int) -> None:
        """Give the recording its length and name. Raises SinkError."""
        if self._recording is not None:
            self._recording.close(total_samples)

    def _advance(self) -> None:
        """Play all that is due by now."""
        if self._now_sample is None:
            self._put(self._playout.heard(self._played_to).queued_samples)
        else:
            self._put(self._now_sample() - self._played_to)

    def _put(self, samples: int) -> None:
        if samples <= 0:
            return
        queued = self._playout.heard(self._played_to).queued_samples
        sound = self._playout.pull(min(samples, queued), self._played_to)
        if self._recording is not None and len(sound):
            self._recording.play(self._played_to, sound)
        self._played_to += samples
