"""A sound card's clock: when each block was captured in; what is missing before it out."""

from __future__ import annotations

from collections import deque
from statistics import median_low
from typing import Final

from bus.frames import SAMPLE_RATE

_WINDOW_BLOCKS: Final = 50
"""One block's capture time is off by some 20 ms, late or early; the middle of so many is not."""

_TOLERANCE_SAMPLES: Final = 30 * SAMPLE_RATE // 1000
"""Half of what half-duplex and the echo's reference may be off. A correction is a click, and with
the 50 ppm by which cheap crystals differ there is then one in ten minutes."""

_MOST_SAMPLES: Final = 10 * SAMPLE_RATE
"""Silence put in at once; a longer gap, as of a machine that was stopped, is made up in steps."""


class CardClock:
    """Keeps the samples that a card brings on the capture clock.

    A card starts late, runs a little too fast or slow, and loses sound when its buffer overflows;
    so counting its samples alone drifts away from the clock that the loudspeaker goes by.
    start_sample: capture clock at the first sample that will be read. rate: the card's own.
    """

    def __init__(self, start_sample: int, rate: int) -> None:
        self._rate = rate
        self._origin_sample = start_sample
        self._frames = 0
        self._deviations: deque[int] | None = None

    def place(self, captured_sample: int, frames: int) -> int:
        """Take a block of `frames` samples of the card, the first captured at `captured_sample`.

        Return how many samples at 16 kHz are missing before it; negative: how many are too much.
        """
        expected_sample = self._origin_sample + round(self._frames * SAMPLE_RATE / self._rate)
        self._frames += frames
        correction = self._judge(captured_sample - expected_sample)
        self._origin_sample += correction
        return correction

    def lost(self, samples: int) -> None:
        """Take notice that `samples` at 16 kHz were put in for blocks that nobody read."""
        self._origin_sample += samples

    def _judge(self, deviation: int) -> int:
        if self._deviations is None:  # nothing was heard yet, so the start is wherever it is
            self._deviations = deque(maxlen=_WINDOW_BLOCKS)
            return min(deviation, _MOST_SAMPLES)
        self._deviations.append(deviation)
        middle = median_low(self._deviations)
        if len(self._deviations) < _WINDOW_BLOCKS or abs(middle) <= _TOLERANCE_SAMPLES:
            return 0
        self._deviations.clear()
        return min(middle, _MOST_SAMPLES)
