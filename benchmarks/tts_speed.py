"""A voice in, how soon and how fast it speaks, and how exactly its chunks fit together, out."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import onnx
from msgspec import Struct
from numpy.typing import NDArray

from config.settings import Settings
from models.espeak_voice import EspeakVoice
from models.onnx_session import Graph
from models.piper import PiperVoice
from models.piper_split import seeded_voice
from models.protocols import Voice
from models.store import ModelStore
from models.voices import ESPEAK, open_voice

CLAUSES: Final = {
    "en": "I turned the living room lamp on and set a timer for ten min",
    "es": "He encendido la luz del salón y he puesto diez minutos, creo",
}
"""60 characters each."""
_HEARD: Final = 650
"""Of int16: 14 dB under the level of speech."""
_SEED: Final = 3


class Speed(Struct, frozen=True, kw_only=True):
    """How a voice does on a clause of 60 characters."""

    load_ms: float
    first_chunk_ms: float
    least_first_chunk_ms: float
    real_time_factor: float
    least_real_time_factor: float
    silence_ms: float
    """Longest silence before the first word, over several clauses."""


class Exactness(Struct, frozen=True, kw_only=True):
    """Largest difference between samples of full scale 1."""

    seeded: float
    """Chunks against the unsplit graph, both with the same noise."""
    file: float
    """Chunks against the file as it was fetched, both without noise."""


def open_any(language: str, reference: str, settings: Settings, store: ModelStore) -> Voice:
    """Return a voice, espeak's among them."""
    if reference == ESPEAK:
        return EspeakVoice(language, speed=settings.talker.speed)
    return open_voice(reference, language, settings.talker, store)


def speed(
    language: str, reference: str, settings: Settings, store: ModelStore, repeats: int
) -> Speed:
    """Measure a voice; one run beforehand does not count."""
    open_any(language, reference, settings, store)
    began = time.monotonic()
    voice = open_any(language, reference, settings, store)
    load_s = time.monotonic() - began
    clause = CLAUSES[language]
    _speak(voice, clause, seed=0)
    runs = [_speak(voice, clause, seed=_SEED) for _ in range(repeats)]
    firsts, factors = ([run[n] for run in runs] for n in (0, 1))
    silences = [_speak(voice, clause[start:], seed=start)[2] for start in (0, 2, 9, 13, 20)]
    return Speed(
        load_ms=load_s * 1000,
        first_chunk_ms=statistics.median(firsts) * 1000,
        least_first_chunk_ms=min(firsts) * 1000,
        real_time_factor=statistics.median(factors),
        least_real_time_factor=min(factors),
        silence_ms=max(silences) * 1000,
    )


def _speak(voice: Voice, text: str, *, seed: int) -> tuple[float, float, float]:
    """Return seconds to the first chunk, real-time factor, and seconds of silence in front."""
    began = time.monotonic()
    first_s = 0.0
    sound: list[NDArray[np.int16]] = []
    for chunk in voice.speak(text, seed=seed):
        if chunk is not None and chunk.size:
            first_s = first_s or time.monotonic() - began
            sound.append(chunk)
    took_s = time.monotonic() - began
    whole = np.concatenate(sound)
    before = np.flatnonzero(np.abs(whole.astype(np.int32)) > _HEARD)[0]
    return first_s, took_s / (whole.size / voice.rate), float(before) / voice.rate


def exactness(reference: str, settings: Settings, store: ModelStore) -> Exactness:
    """Compare a Piper voice's chunks with its unsplit graph, on two clauses.

    Whatever `[talker] weights` says, the chunks are made of the weights as they were fetched
    for this: stored in 8 bits they are another voice, by a little.
    """
    talker = msgspec.structs.replace(settings.talker, weights="float")
    file = store.resolve(reference)["voice"]
    loud, quiet = (
        open_voice(reference, "", msgspec.structs.replace(talker, noise=noise), store)
        for noise in (talker.noise, 0.0)
    )
    if not isinstance(loud, PiperVoice) or not isinstance(quiet, PiperVoice):
        raise TypeError(f"{reference} is no Piper voice")
    with tempfile.TemporaryDirectory() as folder:
        seeded = Path(folder) / "seeded.onnx"
        onnx.save(seeded_voice(file), str(seeded))
        whole = Graph(seeded, threads=talker.threads)
        texts = [CLAUSES["en"], "Yes, it is ten past three."]
        return Exactness(
            seeded=max(_difference(loud, whole, text) for text in texts),
            file=max(_difference(quiet, Graph(file, threads=2), text) for text in texts),
        )


def _difference(voice: PiperVoice, whole: Graph, text: str) -> float:
    run = voice.phonemes(text)
    waves = voice.waves(run, seed=_SEED)
    chunks = np.concatenate([wave.samples for wave in waves if wave is not None])
    feed = voice.fed(run, seed=_SEED)
    unsplit = whole.run({name: feed[name] for name in whole.inputs})[0].reshape(-1)
    return float(np.abs(chunks - unsplit).max())
