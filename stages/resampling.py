"""Resampling: sound at any rate in, chunk by chunk; the same sound at another rate out."""

from __future__ import annotations

import numpy as np
import soxr  # type: ignore[import-untyped]

from models.protocols import Float32Array, Int16Array


def to_int16(samples: Float32Array) -> Int16Array:
    """Return samples in [-1, 1] as int16, rounded and clipped; NaN and infinities are silence.

    Exact for what came from int16 by division by 32,768. No dither: the same input must give
    the same bytes.
    """
    if not np.isfinite(samples).all():
        samples = np.where(np.isfinite(samples), samples, np.float32(0))
    scaled: Float32Array = np.rint(samples * np.float32(32_768))
    return scaled.clip(-32_768, 32_767).astype(np.int16)


def to_float32(pcm: Int16Array) -> Float32Array:
    """Return int16 samples as float32 in [-1, 1)."""
    return pcm.astype(np.float32) * np.float32(1 / 32_768)


class Resampler:
    """A stream of mono sound from one rate to another (libsoxr, high quality).

    Output is aligned with the input (the filter's delay is taken off), so it comes a little
    later: the rest is in `flush`, after which the next sound starts anew.
    """

    def __init__(self, rate: int, to_rate: int = 16_000) -> None:
        self._rate = rate
        self._to_rate = to_rate
        self._stream = self._open()
        self._taken_samples = 0
        self._given_samples = 0

    def _open(self) -> soxr.ResampleStream | None:
        if self._rate == self._to_rate:
            return None
        return soxr.ResampleStream(self._rate, self._to_rate, 1, dtype="float32", quality=soxr.HQ)

    def push(self, samples: Float32Array) -> Float32Array:
        """Take samples, shape (n,); return those that are ready at the new rate, shape (m,)."""
        return self._pass(samples, last=False)

    def flush(self) -> Float32Array:
        """Return what is still held; in all, n samples become round(n * to_rate / rate)."""
        due_samples = round(self._taken_samples * self._to_rate / self._rate)
        rest = self._pass(np.zeros(0, np.float32), last=True)
        missing_samples = due_samples - self._given_samples
        if missing_samples:  # a stream shorter than the filter may come out a sample off
            rest = np.pad(rest, (0, max(0, missing_samples)))[: len(rest) + missing_samples]
        self._stream = self._open()
        self._taken_samples = self._given_samples = 0
        return rest

    def _pass(self, samples: Float32Array, *, last: bool) -> Float32Array:
        self._taken_samples += len(samples)
        if self._stream is None:
            given = samples
        else:
            # soxr reads memory row by row, so a strided view must be copied first
            given = self._stream.resample_chunk(np.ascontiguousarray(samples), last=last)
        self._given_samples += len(given)
        return given
