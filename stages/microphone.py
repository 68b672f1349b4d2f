"""The microphone: a sound card in, 20 ms blocks on the capture clock out."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, Full, Queue
from typing import Any, Final, NamedTuple

import numpy as np

from bus.frames import CHUNK_SAMPLES, SAMPLE_RATE
from models.protocols import Int16Array
from stages.card_clock import CardClock
from stages.resampling import Resampler, to_float32, to_int16
from stages.sound import SourceError
from stages.sound_card import find_format, load_portaudio

_BLOCK_MS: Final = 20
_MOST_BLOCKS: Final = 250
"""5 s of sound may wait to be read; then the newest is lost and counted."""

_SILENT_S: Final = 4.0
"""A card that has sent nothing for so long is gone. Some take 2 s to begin."""

_LONGEST_DELAY_S: Final = 2.0
"""A card that claims to be later than this does not know, and most that do not know say 0."""


class _Block(NamedTuple):
    captured_ns: int
    lost_blocks: int
    """All that were lost before this one."""
    data: bytes


class Microphone:
    """Hears a room through PortAudio. Implements SoundSource.

    device: name, number, or empty for the default. now_ns and start_ns: a monotonic clock and
    its reading at sample 0 of the capture clock.
    Raises SourceError without PortAudio or a device, here, and from `read` when it was unplugged.
    """

    finished = False

    def __init__(self, device: str, *, now_ns: Callable[[], int], start_ns: int) -> None:
        portaudio = load_portaudio(SourceError)
        self._format = find_format(portaudio, device, "input", SourceError)
        self._blocks: Queue[_Block] = Queue(_MOST_BLOCKS)
        self._lost_blocks = 0
        self._lost_read = 0
        self._lost_samples = 0
        self._surplus_samples = 0
        self._now_ns = now_ns
        self._start_ns = start_ns
        self._arrived_ns = now_ns()
        self._resampler = Resampler(self._format.rate, SAMPLE_RATE)
        self._held = np.zeros(0, np.int16)
        try:
            self._stream = portaudio.RawInputStream(
                samplerate=self._format.rate,
                blocksize=self._format.rate * _BLOCK_MS // 1000,
                device=self._format.device,
                channels=self._format.channels,
                dtype="int16",
                callback=self._take,
            )
            self._stream.start()
        except portaudio.PortAudioError as error:
            raise SourceError(
                f"the microphone cannot be opened ({error}); another program may hold it, "
                "or name another under capture.device"
            ) from error
        self._clock_sample = max(0, self._on_clock(now_ns()))
        self._begun = False
        self._card = CardClock(self._clock_sample, self._format.rate)

    @property
    def clock_sample(self) -> int:
        """Capture clock at the first sample of the next block."""
        return self._clock_sample

    @property
    def lost_samples(self) -> int:
        """Samples that the card or the reader lost; silence stands in their place."""
        return self._lost_samples

    def _on_clock(self, instant_ns: int) -> int:
        return (instant_ns - self._start_ns) * SAMPLE_RATE // 1_000_000_000

    def _take(self, data: Any, frames: int, time: Any, status: Any) -> None:  # noqa: ANN401, ARG002 - PortAudio's signature
        """Keep what the card brings. Runs in PortAudio's thread, so it only copies."""
        self._arrived_ns = self._now_ns()
        delay_s = time.currentTime - time.inputBufferAdcTime
        if not 0 < delay_s < _LONGEST_DELAY_S:
            delay_s = frames / self._format.rate
        captured_ns = self._arrived_ns - round(delay_s * 1e9)
        try:
            self._blocks.put_nowait(_Block(captured_ns, self._lost_blocks, bytes(data)))
        except Full:
            self._lost_blocks += 1

    def read(self) -> Int16Array | None:
        """Return the next block, shape (320,); None: not there yet. Raises SourceError."""
        while len(self._held) < CHUNK_SAMPLES:
            try:
                arrived = self._blocks.get_nowait()
            except Empty:
                self._check_alive()
                return None
            self._held = np.concatenate([self._held, self._missing(arrived), self._kept(arrived)])
        block, self._held = self._held[:CHUNK_SAMPLES], self._held[CHUNK_SAMPLES:]
        self._clock_sample += CHUNK_SAMPLES
        return block

    def _missing(self, arrived: _Block) -> Int16Array:
        """Return silence for what was lost before a block; note what is too much of it."""
        missing = (arrived.lost_blocks - self._lost_read) * CHUNK_SAMPLES
        self._lost_read = arrived.lost_blocks
        self._card.lost(missing)
        frames = len(arrived.data) // (2 * self._format.channels)
        correction = self._card.place(self._on_clock(arrived.captured_ns), frames)
        self._surplus_samples += max(0, -correction)
        missing += max(0, correction)
        if self._begun:  # what came before the first block was never captured
            self._lost_samples += missing
        self._begun = True
        return np.zeros(missing, np.int16)

    def _kept(self, arrived: _Block) -> Int16Array:
        """Return a block at 16 kHz, mono, less what is too much."""
        pcm = np.frombuffer(arrived.data, np.int16)
        if self._format.channels > 1 or self._format.rate != SAMPLE_RATE:
            samples = to_float32(pcm).reshape(-1, self._format.channels).mean(axis=1)
            pcm = to_int16(self._resampler.push(samples))
        surplus = min(self._surplus_samples, len(pcm))
        self._surplus_samples -= surplus
        return pcm[surplus:]

    def _check_alive(self) -> None:
        silent_s = (self._now_ns() - self._arrived_ns) / 1e9
        if not self._stream.active or silent_s > _SILENT_S:
            raise SourceError(
                "the microphone has stopped sending sound; plug it in again, "
                "or name another under capture.device"
            )

    def due_ms(self) -> float | None:
        """Return 0 when a block waits, else the time until the card should bring one."""
        if len(self._held) >= CHUNK_SAMPLES or not self._blocks.empty():
            return 0.0
        since_ms = (self._now_ns() - self._arrived_ns) / 1e6
        return max(1.0, _BLOCK_MS - since_ms)

    def close(self) -> None:
        """Let go of the card."""
        self._stream.close()
