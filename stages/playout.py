"""Playout: sound queued by a stage in, blocks for a device out; what was heard, and when."""

from __future__ import annotations

from collections import deque
from threading import Lock

import numpy as np

from bus.frames import SAMPLE_RATE
from models.protocols import Int16Array
from stages.resampling import Resampler, to_float32, to_int16
from stages.sound import Heard

_FADE_MS = 8
"""A sound that ends at once is heard as a click."""


class Playout:
    """The sound of one answer on its way out of a device that takes `rate` samples a second.

    `play` and the other words are the stage's, `pull` the device's; they may come from two
    threads. Times are samples of the capture clock.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._lock = Lock()
        self._resampler: tuple[int, Resampler] | None = None
        self._forget()

    def _forget(self) -> None:
        self._queue: deque[Int16Array] = deque()
        self._queued_samples = 0
        self._runs: deque[tuple[int, int]] = deque()
        self._past_samples = 0
        self._first: int | None = None
        self._last_end = 0
        self._gain = 1.0
        self._gain_wanted = 1.0
        self._gain_step = 0.0

    def begin(self) -> None:
        """Start an answer: drop what is queued, count from zero."""
        self._resampler = None
        with self._lock:
            self._forget()

    def play(self, pcm: Int16Array, rate: int) -> None:
        """Queue sound, shape (n,), int16 at `rate`, behind what is queued."""
        if self._resampler is None or self._resampler[0] != rate:
            self.finish()
            self._resampler = (rate, Resampler(rate, self._rate))
        self._append(to_int16(self._resampler[1].push(to_float32(pcm))))

    def finish(self) -> None:
        """Queue what the resampler still holds: nothing follows, or nothing at its rate."""
        if self._resampler is not None:
            self._append(to_int16(self._resampler[1].flush()))

    def _append(self, pcm: Int16Array) -> None:
        if len(pcm):
            with self._lock:
                self._queue.append(pcm)
                self._queued_samples += len(pcm)

    def duck(self, gain: float, ramp_ms: int) -> None:
        """Let what follows be played at `gain`, 0 to 1, until `begin`; 1 ends it.

        ramp_ms: how long the change takes, from where the gain is now.
        """
        with self._lock:
            self._move_gain(gain, self._rate * ramp_ms // 1000)

    def _move_gain(self, gain: float, samples: int) -> None:
        self._gain_wanted = gain
        if samples:
            self._gain_step = (gain - self._gain) / samples
        else:
            self._gain = gain

    def stop(self) -> None:
        """Drop what is queued, but for a few milliseconds in which it fades."""
        self._resampler = None
        with self._lock:
            fade_samples = self._rate * _FADE_MS // 1000
            self._move_gain(0.0, fade_samples)
            rest = self._take(fade_samples)
            self._queue = deque([rest] if len(rest) else [])
            self._queued_samples = len(rest)

    def pull(self, samples: int, clock_sample: int) -> Int16Array:
        """Return the next `samples` for the device, shape (samples,), filled up with silence.

        clock_sample: the moment at which the first of them will be heard.
        """
        with self._lock:
            sound = self._take(samples)
            self._queued_samples -= len(sound)
            if len(sound):
                self._note(clock_sample, len(sound))
                sound = self._with_gain(sound)
        return np.pad(sound, (0, samples - len(sound)))

    def _take(self, samples: int) -> Int16Array:
        taken: list[Int16Array] = []
        while self._queue and samples:
            piece = self._queue.popleft()
            if len(piece) > samples:
                self._queue.appendleft(piece[samples:])
                piece = piece[:samples]
            taken.append(piece)
            samples -= len(piece)
        return np.concatenate(taken) if taken else np.zeros(0, np.int16)

    def _note(self, clock_sample: int, samples: int) -> None:
        if self._first is None:
            self._first = clock_sample
        self._last_end = clock_sample + self._on_clock(samples)
        self._runs.append((clock_sample, samples))

    def _with_gain(self, sound: Int16Array) -> Int16Array:
        if self._gain == self._gain_wanted == 1.0:
            return sound
        gains = self._gain + self._gain_step * np.arange(len(sound) + 1)
        least, most = sorted((self._gain, self._gain_wanted))
        gains = gains.clip(least, most)
        self._gain = float(gains[-1])
        return to_int16(to_float32(sound) * gains[:-1].astype(np.float32))

    def heard(self, now_sample: int) -> Heard:
        """Return how far the answer has come at `now_sample` of the capture clock."""
        with self._lock:
            while self._runs and self._end(self._runs[0]) <= now_sample:
                self._past_samples += self._runs.popleft()[1]
            samples = self._on_clock(self._past_samples)
            if self._runs:
                samples += max(0, now_sample - self._runs[0][0])
            begun = self._first is not None and self._first < now_sample
            waiting = self._queued_samples + self._past_samples + sum(n for _, n in self._runs)
            return Heard(
                samples=samples,
                clock_sample=min(now_sample, self._last_end) if begun else now_sample,
                first_clock_sample=self._first if begun else None,
                queued_samples=self._on_clock(waiting) - samples,
            )

    def _end(self, run: tuple[int, int]) -> int:
        return run[0] + self._on_clock(run[1])

    def _on_clock(self, samples: int) -> int:
        return round(samples * SAMPLE_RATE / self._rate)

    @property
    def last_end(self) -> int:
        """Capture clock at the end of what was pulled so far."""
        with self._lock:
            return self._last_end
