"""An ear of our own in a room: a sound server's sink in; its sound, and when it sounded, out."""

from __future__ import annotations

import os
import subprocess
import time
from threading import Event, Thread
from typing import Self

import numpy as np

from models.protocols import Int16Array
from tests.sound.sound_server import SoundServer, program

RATE = 16_000
LATENCY_MS = 10
"""What is asked of the server; its blocks then come 10 ms late at best."""


class Ear:
    """Records what a sink plays, by another way than PortAudio: the witness of the tests."""

    def __init__(self, server: SoundServer, sink: str) -> None:
        self._blocks: list[tuple[int, bytes]] = []
        self._first = Event()
        self._process = subprocess.Popen(
            [
                program("parec"), "--raw", f"--rate={RATE}", "--channels=1", "--format=s16le",
                f"--latency-msec={LATENCY_MS}", f"--device={sink}.monitor",
            ],
            env=os.environ | server.environment,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self._thread = Thread(target=self._listen)
        self._thread.start()

    def __enter__(self) -> Self:
        if not self._first.wait(20):
            self.__exit__()
            raise RuntimeError("the sound server sends nothing")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _listen(self) -> None:
        stream = self._process.stdout
        while stream is not None and (data := os.read(stream.fileno(), 65_536)):
            self._blocks.append((time.monotonic_ns(), data))
            self._first.set()

    @property
    def sound(self) -> Int16Array:
        """Return what was heard so far, shape (n,), 16 kHz."""
        return np.frombuffer(b"".join(data for _, data in list(self._blocks)), np.int16)

    def wait(self, seconds: float) -> None:
        """Listen on for so long."""
        wanted = len(self.sound) + round((seconds + LATENCY_MS / 1000) * RATE)
        while len(self.sound) < wanted:
            time.sleep(0.01)

    def instant_ns(self, sample: int) -> int:
        """Return the monotonic instant at which a sample sounded, some milliseconds late.

        A block may come late but never early, so the earliest of all tells the delay.
        """
        samples = 0
        earliest_ns = 1 << 63
        for arrived_ns, data in list(self._blocks):
            samples += len(data) // 2
            earliest_ns = min(earliest_ns, arrived_ns - samples * 1_000_000_000 // RATE)
        return earliest_ns + sample * 1_000_000_000 // RATE


def find(clip: Int16Array, sound: Int16Array) -> tuple[int, float]:
    """Return where `clip` lies in `sound`, and how alike they are there: 1 is the same."""
    wanted = clip.astype(np.float64)
    heard = sound.astype(np.float64)
    size = 1 << (len(heard) + len(wanted)).bit_length()
    products = np.fft.irfft(np.fft.rfft(heard, size) * np.fft.rfft(wanted, size).conj(), size)
    at = int(np.argmax(products[: max(1, len(heard) - len(wanted) + 1)]))
    there = heard[at : at + len(wanted)]
    strength = np.linalg.norm(there) * np.linalg.norm(wanted)
    return at, float(products[at] / strength) if strength else 0.0
