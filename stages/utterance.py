"""The sound of one utterance: audio chunks in any order, float samples out. Pure."""

from __future__ import annotations

import bisect
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bus.frames import AudioChunk
    from models.protocols import Float32Array

QUIETEST_DB = -100.0
_FULL_SCALE = 32_768.0


class Utterance:
    """Collects the chunks of one turn by their first sample."""

    def __init__(self) -> None:
        self._chunks: list[tuple[int, bytes]] = []

    def add(self, chunk: AudioChunk) -> None:
        """Keep a chunk; one that is there already is ignored."""
        entry = (chunk.first_sample, chunk.pcm)
        at = bisect.bisect_left(self._chunks, entry)
        if at == len(self._chunks) or self._chunks[at][0] != chunk.first_sample:
            self._chunks.insert(at, entry)

    @property
    def end_sample(self) -> int:
        """First sample of the capture clock that is not here yet; 0 while empty."""
        if not self._chunks:
            return 0
        first_sample, pcm = self._chunks[-1]
        return first_sample + len(pcm) // 2

    def samples(self, end_sample: int) -> Float32Array:
        """Return the sound up to `end_sample`: shape (n,), float32 in [-1, 1], mono, 16 kHz."""
        pcm = b"".join(
            pcm[: 2 * (end_sample - first)] for first, pcm in self._chunks if first < end_sample
        )
        return np.frombuffer(pcm, dtype="<i2").astype(np.float32) / _FULL_SCALE


def level_db(chunk: AudioChunk) -> float:
    """Return the level of a chunk in dB of full scale; QUIETEST_DB for digital silence."""
    samples = np.frombuffer(chunk.pcm, dtype="<i2").astype(np.float32) / _FULL_SCALE
    power = float(np.mean(samples**2)) if len(samples) else 0.0
    return max(QUIETEST_DB, 10.0 * math.log10(power)) if power else QUIETEST_DB
