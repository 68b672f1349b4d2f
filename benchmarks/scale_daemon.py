"""Rooms that speak at once to one daemon in; throughput, latency and lost turns out."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import soundfile as sf  # type: ignore[import-untyped]
from msgspec import Struct

from benchmarks.figures import Figures
from benchmarks.scale_rooms import Room
from benchmarks.scale_sound import Spoken
from bus.frames import SAMPLE_RATE, SpeechChunk, SpeechEnded
from config.load import load_settings
from config.session import Session
from config.settings import Settings
from supervisor.daemon import Daemon

_STAGES: Final = ("encoder", "thinker", "talker")
_WELL: Final = ("answered", "no_words", "no_answer")
_SILENCE_S: Final = 0.5


class Run(Struct, frozen=True):
    """What one daemon made of all rooms."""

    seconds: float
    spoken_s: float
    endings: Counter[str]
    latencies_ms: tuple[float, ...]
    """From the decision that an utterance was over to the first sound of its answer."""

    @property
    def lost(self) -> int:
        """Turns with words that were not answered."""
        return self.endings.total() - sum(self.endings[each] for each in _WELL)


def throughput(utterances: Sequence[Spoken], sessions: int) -> Figures:
    """Return sound and turns per second at full speed, for workers and cores."""
    figures: Figures = {}
    every_core = os.sched_getaffinity(0)
    for cores in sorted({1, len(every_core)}):
        for workers in (1, 2):
            with _kept_to(sorted(every_core)[:cores]):
                run = _run(_settings(workers), utterances, sessions, realtime=False)
            figures[f"{cores}_cores_{workers}_workers"] = {
                "sound_per_s": run.spoken_s / run.seconds,
                "turns_per_s": run.endings.total() / run.seconds,
                "lost": run.lost,
                "answered": run.endings["answered"],
            }
    return figures


def latency(utterances: Sequence[Spoken], most_sessions: int) -> Figures:
    """Return the time to the first sound while ever more rooms speak at once, as people do."""
    figures: Figures = {}
    sessions = 1
    while sessions <= most_sessions:
        run = _run(_settings(1), utterances, sessions, realtime=True)
        ordered = sorted(run.latencies_ms)
        figures[f"{sessions}_sessions"] = {
            "turns": run.endings.total(),
            "lost": run.lost,
            "answered": run.endings["answered"],
            "p50_ms": statistics.median(ordered) if ordered else None,
            "p95_ms": ordered[int(0.95 * len(ordered))] if ordered else None,
        }
        sessions *= 2
    return figures


def _settings(workers: int) -> Settings:
    """Return the smallest profile with so many workers, a thread each, of what has a model."""
    each = [f"{stage}.workers={workers}" for stage in _STAGES]
    threads = [f"{stage}.threads=1" for stage in _STAGES]
    return load_settings("tiny", None, [*each, *threads, "thinker.most_tokens=16"])


def _run(settings: Settings, utterances: Sequence[Spoken], sessions: int, *, realtime: bool) -> Run:
    """Let each room say all utterances, each beginning with another one."""
    watched = _Watched()
    with _daemon(settings) as (daemon, runtime):
        while not daemon.clock_ns:
            watched.step(daemon)
        rooms = [
            Room(runtime, settings.bus, number, _from(utterances, number), realtime=realtime)
            for number in range(1, sessions + 1)
        ]
        began_s = time.monotonic()
        for room in rooms:
            room.start()
        while any(room.is_alive() for room in rooms):
            watched.step(daemon)
        seconds = time.monotonic() - began_s
    return Run(
        seconds=seconds,
        spoken_s=sum(room.spoken_s for room in rooms),
        endings=sum((room.endings for room in rooms), Counter()),
        latencies_ms=watched.latencies_ms,
    )


def _from(utterances: Sequence[Spoken], first: int) -> list[Spoken]:
    first %= len(utterances)
    return [*utterances[first:], *utterances[:first]]


class _Watched:
    """What the daemon tells of the turns."""

    def __init__(self) -> None:
        self._ended_ns: dict[tuple[str, int], int] = {}
        self._sound_ns: dict[tuple[str, int], int] = {}

    @property
    def latencies_ms(self) -> tuple[float, ...]:
        """From each end to the first sound; 0 where that was made ahead."""
        both = self._ended_ns.keys() & self._sound_ns.keys()
        return tuple(max(0, self._sound_ns[key] - self._ended_ns[key]) / 1e6 for key in both)

    def step(self, daemon: Daemon) -> None:
        """Let the daemon work; note when utterances ended and answers began."""
        for frame in daemon.step():
            if isinstance(frame, SpeechEnded):
                self._ended_ns[frame.session, frame.turn] = frame.at_ns
            elif isinstance(frame, SpeechChunk):
                self._sound_ns[frame.session, frame.turn] = frame.at_ns


@contextmanager
def _daemon(settings: Settings) -> Iterator[tuple[Daemon, Path]]:
    """Start a daemon whose own capture hears a moment of silence; return its runtime folder too."""
    before = os.environ.get("XDG_RUNTIME_DIR")
    with tempfile.TemporaryDirectory(prefix="scale-", dir=before) as name:
        folder = Path(name)
        silence = folder / "silence.wav"
        sf.write(silence, np.zeros(int(_SILENCE_S * SAMPLE_RATE), np.int16), SAMPLE_RATE)
        session = Session(recordings=(str(silence),), realtime=False, room="")
        os.environ["XDG_RUNTIME_DIR"] = name
        try:
            with Daemon(settings, session) as daemon:
                yield daemon, next(folder.glob("sarai-*"))
        finally:
            os.environ["XDG_RUNTIME_DIR"] = before or ""
            if before is None:
                del os.environ["XDG_RUNTIME_DIR"]


@contextmanager
def _kept_to(cores: Sequence[int]) -> Iterator[None]:
    """Let this process, and those that it starts, run on `cores` only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
