"""A recording of the room in, when an answer began, how long it paused and what it said, out.

Nothing of the daemon's own reports is looked at: only the sound that left the loudspeaker.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import soundfile as sf  # type: ignore[import-untyped]

from benchmarks.stt_engines import hear
from benchmarks.word_error_rate import normalise
from config.load import load_settings
from models.protocols import Float32Array, Transcriber
from models.transcribers import open_transcriber

RATE: Final = 16_000
SOUND_DB: Final = -50.0
"""Below it nothing is heard of a loudspeaker at a usual volume."""
_WINDOW: Final = RATE // 100
_HOP: Final = RATE // 1000
_LIKE: Final = 0.6
"""Share of letters that the first words heard and written must have in common."""
_PROOF_S: Final = 3.0


def read_room(path: Path) -> Float32Array:
    """Return ROOM.wav's samples."""
    samples, rate = sf.read(path, dtype="float32")
    if rate != RATE or samples.ndim != 1:
        raise ValueError(f"{path}: not 16 kHz mono")
    return np.asarray(samples, np.float32)


def loud(room: Float32Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return for each millisecond whether the 10 ms that begin there are louder than SOUND_DB."""
    if len(room) < _WINDOW:
        return np.zeros(0, np.bool_)
    total = np.concatenate([[0.0], np.cumsum(room.astype(np.float64) ** 2)])
    starts = np.arange(0, len(room) - _WINDOW + 1, _HOP)
    power = (total[starts + _WINDOW] - total[starts]) / _WINDOW
    return np.asarray(power > 10 ** (SOUND_DB / 10))


def first_sound_s(room: Float32Array, after_s: float, before_s: float) -> float | None:
    """Return when the first sound between two moments begins; None: there is none."""
    begin = int(after_s * RATE)
    heard = np.flatnonzero(loud(room[begin : int(before_s * RATE)]))
    return (begin + int(heard[0]) * _HOP) / RATE if len(heard) else None


def last_sound_s(room: Float32Array, after_s: float, before_s: float) -> float | None:
    """Return when the last sound between two moments ends; None: there is none."""
    begin = int(after_s * RATE)
    heard = np.flatnonzero(loud(room[begin : int(before_s * RATE)]))
    return (begin + int(heard[-1]) * _HOP + _WINDOW) / RATE if len(heard) else None


class Listener:
    """Writes down what was said in a room, to prove that it was the answer."""

    def __init__(self) -> None:
        self._recognisers: dict[str, Transcriber] = {}

    def words(self, room: Float32Array, at_s: float, until_s: float, language: str) -> str:
        """Return what is heard between two moments, normalised."""
        sound = room[int(max(0.0, at_s - 0.1) * RATE) : int(until_s * RATE)]
        return normalise(hear(self._recogniser(language), sound).text, language)

    def begins(self, room: Float32Array, at_s: float, answer: str, language: str) -> bool:
        """Tell whether what is heard from `at_s` on begins like `answer`."""
        heard = self.words(room, at_s, at_s + _PROOF_S, language)
        return alike(heard, normalise(answer, language))

    def _recogniser(self, language: str) -> Transcriber:
        if language not in self._recognisers:
            settings = load_settings("default")
            replace = msgspec.structs.replace
            daemon = replace(settings.daemon, languages=(language,))
            self._recognisers[language] = open_transcriber(replace(settings, daemon=daemon))
        return self._recognisers[language]


def alike(heard: str, answer: str) -> bool:
    """Tell whether the first five words of two normalised texts are nearly the same."""
    first, wanted = (" ".join(text.split()[:5]) for text in (heard, answer))
    return difflib.SequenceMatcher(None, first, wanted, autojunk=False).ratio() >= _LIKE
