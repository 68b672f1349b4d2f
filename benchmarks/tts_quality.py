"""A voice or natural recordings in, how good they sound to a model of listeners, out: DNSMOS.

DNSMOS P.835 (C. Reddy and others, 2022) predicts what people say of speech, its background and both
together, from 1 to 5. It was made for telephone noise, not for voices: it tells a clean voice from
a harsh one, and nothing of melody. So natural recordings at the same level stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct
from speechmos import dnsmos  # type: ignore[import-untyped]

from benchmarks.speech_clips import RATE, speech_clips
from benchmarks.tts_intelligibility import spoken
from benchmarks.tts_speed import open_any
from config.settings import Settings
from models.loudness import gain_for
from models.protocols import Float32Array
from models.store import ModelStore
from stages.spoken_text import spoken_text

NATURAL: Final = ("es_common_voice", "es_read_misc", "es_prompts_allison",
                  "en_common_voice", "en_fleurs", "en_prompts_allison")  # fmt: skip
LEAST_S: Final = 1.5


class Quality(Struct, frozen=True, kw_only=True):
    """Means over clips, 1 to 5, and of the first one the clips' standard deviation."""

    overall: float
    deviation: float
    speech: float
    background: float
    clips: int


def voice_quality(
    language: str, reference: str, settings: Settings, store: ModelStore, limit: int
) -> Quality:
    """Have a voice say `limit` sentences."""
    file = Path(__file__).with_name(f"sentences_{language}.txt")
    sentences = file.read_text(encoding="utf-8").splitlines()[:limit]
    voice = open_any(language, reference, settings, store)
    return _quality(
        spoken(voice, spoken_text(sentence, language), seed)
        for seed, sentence in enumerate(sentences)
    )


def natural_quality(data: Path, limit: int) -> dict[str, Quality]:
    """Return that of at most `limit` clips of each set of NATURAL below `data`."""
    clips = [clip for clip in speech_clips(data, None) if clip.seconds >= LEAST_S]
    sets = {name: [clip for clip in clips if clip.folder == name][:limit] for name in NATURAL}
    return {name: _quality(clip.samples() for clip in some) for name, some in sets.items() if some}


def _quality(sounds: Iterable[Float32Array]) -> Quality:
    rows = []
    for sound in sounds:
        level = np.clip(sound * gain_for(sound, RATE), -1.0, 1.0).astype(np.float32)
        rows.append(dnsmos.run(level, sr=RATE))
    overall, speech, background = (
        np.array([row[f"{name}_mos"] for row in rows]) for name in ("ovrl", "sig", "bak")
    )
    return Quality(
        overall=float(overall.mean()),
        deviation=float(overall.std()),
        speech=float(speech.mean()),
        background=float(background.mean()),
        clips=len(rows),
    )
