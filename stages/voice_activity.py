"""Voice activity: 20 ms blocks of sound in, a speech probability and levels for each out."""

from __future__ import annotations

import math
from collections import deque
from typing import Final, Protocol

import numpy as np
import webrtcvad  # type: ignore[import-untyped]
from numpy.typing import NDArray

from bus.frames import CHUNK_SAMPLES, SAMPLE_RATE
from config.stage_settings import VoiceActivity
from models.protocols import Int16Array
from stages.boundaries import Activity
from stages.speech_end import LEVEL_SAMPLES, QUIETEST_DB

_LOOK_BACK_MS: Final = 320
"""Sound the detector hears again when the gate opens: its first frames after a reset are
unsure, and the gate opens a little after the first consonant."""

_FULL_SCALE_DB: Final = 90.309
"""Of a variance of 32,768 squared."""

_ONES: Final = np.ones(LEVEL_SAMPLES)


class SpeechDetector(Protocol):
    """Says how probable speech is, frame after frame (models.silero, or a test's numbers)."""

    def reset(self) -> None:
        """Forget all that was heard."""
        ...

    def probability(self, frame: Int16Array) -> float:
        """Return the probability, 0 to 1, of speech in `frame`, shape (512,), int16, 16 kHz."""
        ...


class VoiceActivityDetector:
    """A cheap gate (webrtcvad) in front of a good detector, which only runs while it is open.

    In a quiet room a block costs some 20 microseconds. When the gate opens, the detector hears
    the last 320 ms again, so nothing is lost by not having listened.
    detector_frame_samples: what the detector takes at once; it need not fit the blocks.
    """

    def __init__(
        self, settings: VoiceActivity, detector: SpeechDetector, detector_frame_samples: int = 512
    ) -> None:
        self._gate = webrtcvad.Vad(settings.gate_mode)
        self._open_samples = settings.gate_open_ms * SAMPLE_RATE // 1000
        self._stop = settings.stop_probability
        self._detector = detector
        self._frame_samples = detector_frame_samples
        look_back_blocks = _LOOK_BACK_MS * SAMPLE_RATE // 1000 // CHUNK_SAMPLES
        self._past: deque[Int16Array] = deque(maxlen=look_back_blocks)
        self._left_samples = 0
        self._waiting = np.zeros(0, np.int16)
        self._probability = 0.0

    @property
    def open(self) -> bool:
        """The detector is running."""
        return self._left_samples > 0

    def reset(self) -> None:
        """Forget what was heard: the sound that follows does not continue it."""
        self._past.clear()
        self._left_samples = 0
        self._probability = 0.0

    def feed(self, first_sample: int, block: Int16Array) -> Activity:
        """Judge one block.

        block: shape (320,), int16, mono, 16 kHz; first_sample: its place on the capture clock.
        The probability is that of the last frame the detector has completed, so it lags by
        less than a frame.
        """
        was_open = self.open
        if self._gate.is_speech(block.tobytes(), SAMPLE_RATE) or self._probability >= self._stop:
            self._left_samples = self._open_samples
        elif was_open:
            self._left_samples -= len(block)
        if not self.open:
            self._probability = 0.0
        elif was_open:
            self._judge(block)
        else:
            self._detector.reset()
            self._waiting = np.zeros(0, np.int16)
            self._judge(np.concatenate([*self._past, block]))
        self._past.append(block)
        return Activity(first_sample, len(block), self._probability, _levels_db(block))

    def _judge(self, sound: Int16Array) -> None:
        self._waiting = np.concatenate([self._waiting, sound])
        while len(self._waiting) >= self._frame_samples:
            self._probability = self._detector.probability(self._waiting[: self._frame_samples])
            self._waiting = self._waiting[self._frame_samples :]


def _levels_db(block: Int16Array) -> tuple[float, ...]:
    """Return the level of each 10 ms, in dB of full scale, its mean taken off."""
    parts = block.astype(np.float64).reshape(-1, LEVEL_SAMPLES)
    return tuple(map(_level_db, parts))


def _level_db(part: NDArray[np.float64]) -> float:
    # Sums of integers, exact. numpy's var takes four times as long for so few.
    mean = float(part @ _ONES) / LEVEL_SAMPLES
    variance = float(part @ part) / LEVEL_SAMPLES - mean * mean
    return (
        max(QUIETEST_DB, 10 * math.log10(variance) - _FULL_SCALE_DB)
        if variance > 0
        else QUIETEST_DB
    )
