"""A voice in, how much of what it says is heard right by the speech recogniser, out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import soxr  # type: ignore[import-untyped]
from msgspec import Struct

from benchmarks.tts_speed import open_any
from benchmarks.word_error_rate import WordErrors, error_rate, word_errors
from config.settings import Settings
from models.protocols import Float32Array, Transcriber, Voice
from models.steps import finished
from models.store import ModelStore
from models.transcribers import open_transcriber
from stages.spoken_text import spoken_text

_HEARING_RATE: Final = 16_000
_FULL_SCALE: Final = np.float32(32_768)
_MODEL: Final = "whisper-base"


class Intelligibility(Struct, frozen=True, kw_only=True):
    """What was heard back of a voice's sentences."""

    word_error_rate: float
    sentences: int
    faultless: int
    """Sentences heard back without a single error."""
    mistakes: tuple[tuple[str, str], ...]
    """Of the others: what was said, what was heard."""


def intelligibility(
    language: str, reference: str, settings: Settings, store: ModelStore, limit: int
) -> Intelligibility:
    """Say `limit` sentences and have them written down again.

    Numbers are compared as words on both sides. Which errors are the recogniser's own is not
    known: the rate is an upper bound of the voice's.
    """
    file = Path(__file__).with_name(f"sentences_{language}.txt")
    sentences = file.read_text(encoding="utf-8").splitlines()[:limit]
    voice = open_any(language, reference, settings, store)
    recogniser = _recogniser(language, settings, store)
    results: list[WordErrors] = []
    mistakes: list[tuple[str, str]] = []
    for seed, sentence in enumerate(sentences):
        said = spoken_text(sentence, language)
        samples = spoken(voice, said, seed)
        heard = finished(recogniser.transcribe(samples)).text
        results.append(word_errors(said, spoken_text(heard, language), language))
        if results[-1].errors:
            mistakes.append((said, heard))
    return Intelligibility(
        word_error_rate=error_rate(results),
        sentences=len(sentences),
        faultless=len(sentences) - len(mistakes),
        mistakes=tuple(mistakes),
    )


def _recogniser(language: str, settings: Settings, store: ModelStore) -> Transcriber:
    """Return Whisper base, told the language: this is about the voice."""
    replace = msgspec.structs.replace
    encoder = replace(settings.encoder, engine="whisper", model=_MODEL)
    daemon = replace(settings.daemon, languages=(language,))
    return open_transcriber(replace(settings, encoder=encoder, daemon=daemon), store)


def spoken(voice: Voice, text: str, seed: int) -> Float32Array:
    """Return what a voice makes of `text`, float32, at 16 kHz."""
    chunks = [chunk for chunk in voice.speak(text, seed=seed) if chunk is not None]
    samples = np.concatenate(chunks).astype(np.float32) / _FULL_SCALE
    resampled: Float32Array = soxr.resample(samples, voice.rate, _HEARING_RATE)
    return resampled
