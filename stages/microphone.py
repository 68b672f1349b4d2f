"""The microphone: a sound card in, 20 ms blocks on the capture clock out."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, Full, Queue
from typing import Any, Final

import numpy as np

from bus.frames import CHUNK_SAMPLES, SAMPLE_RATE
from models.protocols import Int16Array
from stages.resampling import Resampler, to_float32, to_int16
from stages.sound import SourceError
from stages.sound_card import find_format, load_portaudio

_BLOCK_MS: Final = 20
_MOST_BLOCKS: Final = 250
"""5 s of sound may wait to be read; then the newest is lost and counted."""

_SILENT_S: Final = 2.0
"""A card that has sent nothing for so long is gone."""


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
        self._blocks: Queue[tuple[int, bytes]] = Queue(_MOST_BLOCKS)
        self._lost_blocks = 0
        self._lost_read = 0
        self._now_ns = now_ns
        self._arrived_ns = now_ns()
        self._resampler = Resampler(self._format.rate, SAMPLE_RATE)
        self._held = np.zeros(0, np.int16)
        block_frames = self._format.rate * _BLOCK_MS // 1000
        try:
            self._stream = portaudio.RawInputStream(
                samplerate=self._format.rate,
                blocksize=block_frames,
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
        self._clock_sample = max(0, (now_ns() - start_ns) * SAMPLE_RATE // 1_000_000_000)

    @property
    def clock_sample(self) -> int:
        """Capture clock at the first sample of the next block."""
        return self._clock_sample

    @property
    def lost_samples(self) -> int:
        """Samples that nobody read in time; silence stands in their place."""
        return self._lost_read * CHUNK_SAMPLES

    def _take(self, data: Any, frames: int, time: Any, status: Any) -> None:  # noqa: ANN401, ARG002 - PortAudio's signature
        """Keep what the card brings. Runs in PortAudio's thread, so it only copies."""
        self._arrived_ns = self._now_ns()
        try:
            self._blocks.put_nowait((self._lost_blocks, bytes(data)))
        except Full:
            self._lost_blocks += 1

    def read(self) -> Int16Array | None:
        """Return the next block, shape (320,); None: not there yet. Raises SourceError."""
        while len(self._held) < CHUNK_SAMPLES:
            try:
                lost_blocks, data = self._blocks.get_nowait()
            except Empty:
                self._check_alive()
                return None
            missed = lost_blocks - self._lost_read
            self._lost_read = lost_blocks
            silence = np.zeros(missed * CHUNK_SAMPLES, np.int16)
            self._held = np.concatenate([self._held, silence, self._mono(data)])
        block, self._held = self._held[:CHUNK_SAMPLES], self._held[CHUNK_SAMPLES:]
        self._clock_sample += CHUNK_SAMPLES
        return block

    def _mono(self, data: bytes) -> Int16Array:
        pcm = np.frombuffer(data, np.int16)
        if self._format.channels == 1 and self._format.rate == SAMPLE_RATE:
            return pcm
        samples = to_float32(pcm).reshape(-1, self._format.channels).mean(axis=1)
        return to_int16(self._resampler.push(samples))

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
