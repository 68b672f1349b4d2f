"""The loudspeaker: sound in, a sound card out, and what was heard of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from bus.frames import SAMPLE_RATE
from models.protocols import Int16Array
from stages.playout import Playout
from stages.sound import Heard, SinkError
from stages.sound_card import find_format, load_portaudio

_STALLED_S: Final = 4.0
"""A card that has asked for nothing for so long is gone, or another program has suspended it."""


class Loudspeaker:
    """Speaks into a room through PortAudio. Implements SoundSink.

    What the card has already taken, some 50 ms, is heard to its end whatever happens; `heard` and
    `stop` count it, and the clock positions that they return say when it is.

    device: name, number, or empty for the default. block_ms: sound handed over at a time.
    now_ns and start_ns: a monotonic clock and its reading at sample 0 of the capture clock.
    Raises SinkError without PortAudio or a device, here, and from `heard` when it was unplugged.
    """

    def __init__(
        self, device: str, *, block_ms: int, now_ns: Callable[[], int], start_ns: int
    ) -> None:
        portaudio = load_portaudio(SinkError)
        self._format = find_format(portaudio, device, "output", SinkError)
        self._block_ms = block_ms
        self._now_ns = now_ns
        self._start_ns = start_ns
        self._playout = Playout(self._format.rate)
        self._untold = False
        self._asked_ns = now_ns()
        try:
            self._stream = portaudio.RawOutputStream(
                samplerate=self._format.rate,
                blocksize=self._format.rate * block_ms // 1000,
                device=self._format.device,
                channels=self._format.channels,
                dtype="int16",
                latency="low",
                callback=self._give,
            )
            self._stream.start()
        except portaudio.PortAudioError as error:
            raise SinkError(
                f"the loudspeaker cannot be opened ({error}); another program may hold it, "
                "or name another under playback.device"
            ) from error

    def _give(self, data: Any, frames: int, time: Any, status: Any) -> None:  # noqa: ANN401, ARG002 - PortAudio's signature
        """Hand over the next block. Runs in PortAudio's thread."""
        self._asked_ns = self._now_ns()
        # the card's own clock says how long its buffer delays what is given now
        delay_s = max(0.0, time.outputBufferDacTime - time.currentTime)
        sounds_at = self._now_sample() + round(delay_s * SAMPLE_RATE)
        block = self._playout.pull(frames, sounds_at)
        data[:] = np.repeat(block, self._format.channels).tobytes()

    def _now_sample(self) -> int:
        return max(0, (self._now_ns() - self._start_ns) * SAMPLE_RATE // 1_000_000_000)

    def begin(self) -> None:
        """Start an answer."""
        self._playout.begin()

    def play(self, pcm: Int16Array, rate: int) -> None:
        """Queue sound, shape (n,), int16 at `rate`."""
        self._untold = True
        self._playout.play(pcm, rate)

    def finish(self) -> None:
        """Queue what the resampler holds."""
        self._playout.finish()

    def duck(self, gain: float, ramp_ms: int) -> None:
        """Play what follows at `gain`."""
        self._playout.duck(gain, ramp_ms)

    def stop(self) -> Heard:
        """Fade out; return what will have been heard once the card's buffer is empty."""
        self._playout.stop()
        return self._playout.heard(max(self._now_sample(), self._playout.last_end))

    def heard(self) -> Heard:
        """Return how far it has come, the card's delay taken off. Raises SinkError."""
        stalled_s = (self._now_ns() - self._asked_ns) / 1e9
        if not self._stream.active or stalled_s > _STALLED_S:
            raise SinkError(
                "the loudspeaker has stopped taking sound; plug it in again, "
                "or name another under playback.device"
            )
        heard = self._playout.heard(self._now_sample())
        self._untold = heard.queued_samples > 0
        return heard

    def due_ms(self) -> float | None:
        """Return the length of a block until `heard` has told that all was heard."""
        return float(self._block_ms) if self._untold else None

    def close(self, total_samples: int) -> None:  # noqa: ARG002 - nothing is recorded here
        """Let go of the card."""
        self._stream.close()
