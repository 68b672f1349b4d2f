"""Sentences in, when their turns are decided to be over out, and how many are cut off.

Each sentence is heard as it is, and once with a pause of 300 to 700 ms between two of its words
(see `benchmarks.pauses`). It is cut off when its turn ends although speech follows.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from msgspec import Struct

from benchmarks.pauses import hesitate
from benchmarks.scenes import Scene, Sound, read, rows, staged
from benchmarks.turn_head import half_of
from bus.frames import SAMPLE_RATE
from models.protocols import Int16Array
from stages.boundaries import Boundary, Ended, Resumed, Started

Hear: TypeAlias = Callable[[Int16Array], tuple[list[Boundary], float]]

SETS: Final = {
    "es": ("es_common_voice", "es_prompts_allison", "es_read_misc"),
    "en": (
        "en_common_voice",
        "en_prompts_allison",
        "en_read_misc",
        "en_fleurs",
        "en_home_commands",
    ),
}

_SHORTEST_S, _LONGEST_S = 1.0, 16.0
_ROUGH_SAMPLES: Final = SAMPLE_RATE // 10
"""The reference of a word's end may be so far off: what ends later than that was cut."""


class TurnEnd(Struct, frozen=True):
    """What became of one sentence."""

    is_cut: bool
    delay_ms: float
    """From the last word, as the endpointer found it, to the decision."""
    by_model: bool


def turn_ends(hear: Hear, data: Path, language: str, half: int | None) -> dict[str, Any]:
    """Return the figures of a language. half: of the speakers, by a hash; None: all."""
    plain, hesitant = [], []
    for name in SETS[language]:
        for row in rows(data / name):
            is_wanted = half in (None, half_of(row))
            if not (is_wanted and _SHORTEST_S <= row["duration_s"] <= _LONGEST_S):
                continue
            clip = read(data / name / row["file"])
            plain.append(_turn_end(hear, staged(clip, row["file"])))
            paused = _paused(clip, row["file"])
            if paused is not None:
                hesitant.append(_turn_end(hear, staged(paused, row["file"])))
    delays = [each.delay_ms for each in plain if not each.is_cut]
    return {
        "language": language,
        "sentences": len(plain),
        "cut": sum(each.is_cut for each in plain),
        "delay_ms": {p: round(float(np.percentile(delays, p))) for p in (50, 90, 95)},
        "by_model": round(sum(each.by_model for each in plain) / len(plain), 2),
        "hesitant": len(hesitant),
        "hesitant_cut": sum(each.is_cut for each in hesitant),
        "cut_share": round(sum(each.is_cut for each in hesitant) / len(hesitant), 3),
    }


def _paused(clip: Sound, name: str) -> Sound | None:
    found = hesitate(clip, np.random.default_rng(zlib.crc32(name.encode()) + 5))
    return None if found is None else found.clip


def _turn_end(hear: Hear, heard: Scene) -> TurnEnd:
    boundaries, _ = hear(heard.pcm)
    ends = [each for each in boundaries if isinstance(each, Ended)]
    ended = next((each for each in ends if each.sample > heard.first_sample), ends[-1])
    later = [
        each
        for each in boundaries
        if isinstance(each, Started | Resumed)
        and ended.sample < each.sample < heard.end_sample + _ROUGH_SAMPLES
    ]
    return TurnEnd(
        is_cut=bool(later),
        delay_ms=(ended.sample - ended.speech_end_sample) * 1000 / SAMPLE_RATE,
        by_model=ended.reason == "model",
    )
