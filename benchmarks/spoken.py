"""A sentence in, a recording of it out, spoken by Piper's English voice joe."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile as sf  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]

from bus.frames import SAMPLE_RATE
from config.load import load_settings
from models.voices import Voices


def speak(text: str, path: Path) -> Path:
    """Write `text`, spoken, to `path`: 16 kHz, mono, 16 bits, a second of silence around it."""
    voices = Voices(load_settings("tiny", None, ["talker.voices.en=piper-joe"]))
    voices.open()
    voice = voices.voice("en")
    chunks = [chunk for chunk in voice.speak(text, seed=1) if chunk is not None]
    sound = soxr.resample(np.concatenate(chunks), voice.rate, SAMPLE_RATE)
    silence = np.zeros(SAMPLE_RATE // 2, np.int16)
    sf.write(path, np.concatenate([silence, sound, silence]), SAMPLE_RATE, "PCM_16")
    return path
