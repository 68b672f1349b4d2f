"""Sentences with a pause put in between two of their words in, the share that is cut off there out.

Capture's own decisions, with the settings of the other figures, on the sound alone and faster
than real time: they are counted in samples, so nothing else than in a running daemon comes out.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct

from benchmarks.endpointing import Ears
from benchmarks.figures import Figures
from benchmarks.hesitations import SETS
from benchmarks.pauses import hesitate
from benchmarks.scenes import BEFORE_SAMPLES, read, rows, staged
from benchmarks.turn_head import half_of
from benchmarks.turn_latency import Bench
from bus.frames import SAMPLE_RATE
from config.load import load_settings
from stages.boundaries import Ended

_SHORTEST_S, _LONGEST_S = 1.0, 16.0
_PAUSES_MS: Final = ((300, 400), (400, 500), (500, 600), (600, 701))
_DRAW: Final = 11


class Hesitant(Struct, frozen=True):
    """What became of one sentence."""

    language: str
    half: int
    """Of the speakers, by a hash: one half is not what the model's head was chosen on."""
    pause_ms: float
    is_cut: bool


def measure(bench: Bench, turns: int) -> Figures:
    """Hear `turns` sentences of each language, or as many as there are."""
    ears = Ears(load_settings("default", None, bench.settings).capture)
    found = [each for language in SETS for each in _sentences(ears, bench.data, language, turns)]
    result: Figures = {**_share(found)}
    for language in SETS:
        result[language] = _share([each for each in found if each.language == language])
    for half in (0, 1):
        result[f"half_{half}"] = _share([each for each in found if each.half == half])
    for least, below in _PAUSES_MS:
        inside = [each for each in found if least <= each.pause_ms < below]
        result[f"pause_{least}_ms"] = _share(inside)
    return result


def _sentences(ears: Ears, data: Path, language: str, most: int) -> Iterator[Hesitant]:
    count = 0
    for name in SETS[language]:
        for row in rows(data / name):
            if count == most or not _SHORTEST_S <= row["duration_s"] <= _LONGEST_S:
                continue
            file = str(row["file"])
            draw = np.random.default_rng(zlib.crc32(file.encode()) + _DRAW)
            paused = hesitate(read(data / name / file), draw)
            if paused is None:
                continue
            count += 1
            boundaries, _ = ears.hear(staged(paused.clip, file).pcm)
            resumes = BEFORE_SAMPLES + paused.end_sample
            begins = BEFORE_SAMPLES + paused.first_sample
            is_cut = any(
                begins < each.sample <= resumes for each in boundaries if isinstance(each, Ended)
            )
            pause_ms = 1000 * (resumes - begins) / SAMPLE_RATE
            yield Hesitant(language, half_of(row), pause_ms, is_cut)


def _share(found: list[Hesitant]) -> Figures:
    cut = sum(each.is_cut for each in found)
    percent = round(100 * cut / len(found), 1) if found else None
    return {"sentences": len(found), "cut_off": cut, "percent": percent}
