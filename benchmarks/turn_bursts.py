"""Bursts of noise during an answer in; the share of answers that were completed nonetheless out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import soundfile as sf  # type: ignore[import-untyped]

from benchmarks.figures import Figures
from benchmarks.scenes import WrongRecording
from benchmarks.turn_daemon import SCRIPTS, ask, stand_ins
from benchmarks.turn_latency import SLOT_S, Bench, blocks_of
from benchmarks.turn_recordings import RATE, Stream, compose
from models.protocols import Float32Array
from models.store import open_store

_AFTER_S: Final = 2.5
"""Behind the last word: the answer is heard then."""
_BURST_S: Final = 1.2
_LEVEL_DB: Final = -28.0
"""Effective level of a burst, about that of the questions."""
_FADE: Final = RATE // 50
_KINDS: Final = ("dishes", "kitchen", "music", "tap")
"""Parts of the names of the recordings that are used."""
_NEAR_S: Final = 1.0


def measure(bench: Bench, turns: int) -> Figures:
    """Make a noise during `turns` answers."""
    bursts = _bursts(bench.data / "noise_music")
    heard: dict[str, list[bool]] = {}
    for marks in blocks_of(turns, 10, bench.data):
        stream, kinds = _disturbed(compose(marks, bench.data, SLOT_S), bursts)
        options = [*stand_ins(open_store(), SCRIPTS[marks[0].language]), *bench.settings]
        path = stream.write(bench.folder / "stream.wav")
        turns_heard = ask([path], bench.folder / "ROOM.wav", options).report["turns"]
        for question, kind in zip(stream.questions, kinds, strict=True):
            completed = any(
                turn["heard"] == turn["answer"] != ""
                for turn in turns_heard
                if abs((turn["speech_end_s"] or 0.0) - question.end_s) < _NEAR_S
            )
            heard.setdefault(kind, []).append(completed)
    everything = [each for kind in heard.values() for each in kind]
    return {
        "bursts": len(everything),
        "completed_percent": round(100 * float(np.mean(everything)), 1),
        "completed_by_kind": {
            kind: f"{sum(each)} of {len(each)}" for kind, each in sorted(heard.items())
        },
    }


def _disturbed(
    stream: Stream, bursts: Iterator[tuple[str, Float32Array]]
) -> tuple[Stream, list[str]]:
    """Return the stream with a burst behind each question, and what it was."""
    samples = stream.samples.copy()
    kinds = []
    for question in stream.questions:
        kind, burst = next(bursts)
        at = int((question.end_s + _AFTER_S) * RATE)
        samples[at : at + len(burst)] += burst
        kinds.append(kind)
    return msgspec.structs.replace(stream, samples=np.clip(samples, -1, 1)), kinds


def _bursts(folder: Path) -> Iterator[tuple[str, Float32Array]]:
    """Yield the loudest moments of each noise in turn, over and over, each another one.

    Raises WrongRecording where there are none.
    """
    files = sorted(folder.glob("*.flac"))
    of_kind = [[(kind, file) for file in files if kind in file.name] for kind in _KINDS]
    chosen = [each for row in zip_longest(*of_kind) for each in row if each is not None]
    if not chosen:
        raise WrongRecording(f"{folder}: no noises; name the folder of recordings with --data")
    length = int(_BURST_S * RATE)
    round_ = 0
    while True:
        for kind, file in chosen:
            sound, _ = sf.read(file, dtype="float32")
            starts = range(0, max(1, len(sound) - length + 1), length)
            loudest = sorted(starts, key=lambda at: -float(np.mean(sound[at : at + length] ** 2)))
            at = loudest[round_ % len(loudest)]
            yield kind, _shaped(np.asarray(sound[at : at + length], np.float32))
        round_ += 1


def _shaped(burst: Float32Array) -> Float32Array:
    """Return it at its level, with its ends faded."""
    shaped = burst * (10 ** (_LEVEL_DB / 20) / max(float(burst.std()), 1e-6))
    fade = np.linspace(0, 1, _FADE, dtype=np.float32)
    shaped[:_FADE] *= fade
    shaped[-_FADE:] *= fade[::-1]
    return np.asarray(shaped, np.float32)
