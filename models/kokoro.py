"""A clause in, its sound out phrase by phrase: Kokoro-82M, the fallback voice of Spanish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from models import espeak
from models.errors import EngineFailed, ModelMissing
from models.heap_trim import give_back
from models.loudness import Finisher, pause_after
from models.onnx_session import Graph
from models.phoneme_runs import runs
from models.protocols import Float32Array, Int16Array

GRAPH_FILE: Final = "kokoro.onnx"
LEVEL_FILE: Final = "level.json"
RATE: Final = 24_000

_LONGEST_RUN: Final = 120
"""Phonemes of one step: about 8 s of speech, 4 s of work on two cores."""
_BREATH: Final = 60
"""Longer sentences are cut at commas: someone waits for the first phrase to be whole."""
_STYLES: Final = {
    # Best first; the last are Japanese speakers, who were found good in Spanish.
    "es": ("ef_dora", "em_alex", "jm_kumo", "jf_gongitsune"),
    "en": ("af_heart", "af_bella", "jm_kumo", "jf_gongitsune"),
}
_SYMBOLS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    # espeak's spelling and Kokoro's, longest first.
    "es": (("tʃ", "ʧ"), ("dʒ", "ʤ"), ("ts", "ʦ")),
    "en": (
        ("tʃ", "ʧ"), ("dʒ", "ʤ"), ("e\u026a", "A"), ("a\u026a", "I"), ("aʊ", "W"),
        ("oʊ", "O"), ("ɔ\u026a", "Y"),
        ("ɜ\u02d0", "ɜɹ"), ("ɚ", "əɹ"), ("ɐ", "ə"), ("\u02d0", ""), ("r", "ɹ"),
    ),
}  # fmt: skip


class Level(Struct, frozen=True):
    """What was measured when the voice was prepared."""

    gain: float


class KokoroFiles(Struct, frozen=True):
    """The files of Kokoro."""

    prepared: Path
    """Folder that `models.kokoro_prepare` made."""
    vocabulary: Path
    styles: Path


class _Vocabulary(Struct):
    vocab: dict[str, int]


class KokoroVoice:
    """Kokoro in one language. Implements `models.protocols.Voice`; its sound knows no chance.

    Raises ModelMissing, EngineFailed.
    """

    rate: int = RATE

    def __init__(self, files: KokoroFiles, language: str, *, threads: int, speed: float) -> None:
        level = files.prepared / LEVEL_FILE
        self._gain = 1.0
        if level.is_file():
            self._gain = msgspec.json.decode(level.read_bytes(), type=Level).gain
        self._graph = Graph(
            files.prepared / GRAPH_FILE, threads=threads, optimised=True, spinning=False
        )
        self._language = language if language in _SYMBOLS else "es"
        self._espeak_voice = espeak.VOICE_OF_LANGUAGE.get(language, language)
        self._vocabulary = _read_vocabulary(files.vocabulary)
        self._style = _read_style(files.styles, self._language)
        self._speed = np.array([speed], np.float32)

    def speak(self, text: str, *, seed: int, pace: float = 1.0) -> Iterator[Int16Array | None]:
        """Yield the sound of `text` a phrase at a time; see `Voice`."""
        del seed
        try:
            for run in runs(self.phonemes(text), most=_LONGEST_RUN, breath=_BREATH):
                wave = self.wave(run, pace)
                yield None
                finisher = Finisher(gain=self._gain, rate=self.rate, pause_s=pause_after(run))
                yield finisher.feed(wave, last=True)
        finally:  # of one that was interrupted, too
            give_back()

    def phonemes(self, text: str) -> str:
        """Return the phonemes of `text` in Kokoro's spelling."""
        spelt = espeak.phonemes(text, self._espeak_voice)
        for theirs, ours in _SYMBOLS[self._language]:
            spelt = spelt.replace(theirs, ours)
        return spelt

    def wave(self, run: str, pace: float = 1.0) -> Float32Array:
        """Return the sound of one run of phonemes, shape (n,), as loud as the model made it."""
        tokens = [self._vocabulary[symbol] for symbol in run if symbol in self._vocabulary]
        style = self._style[min(len(tokens), len(self._style) - 1)]
        feed = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style.reshape(1, -1),
            "speed": self._speed * np.float32(pace),
        }
        sound: Float32Array = self._graph.run(feed)[0].reshape(-1)
        return sound


def _read_vocabulary(file: Path) -> dict[str, int]:
    if not file.is_file():
        raise ModelMissing(file.name, str(file))
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Vocabulary).vocab
    except msgspec.DecodeError as error:
        raise EngineFailed(f"{file}: not Kokoro's vocabulary: {error}") from error


def _read_style(file: Path, language: str) -> Float32Array:
    """Return a speaker's styles by number of tokens, shape (510, 1, 256)."""
    if not file.is_file():
        raise ModelMissing(file.name, str(file))
    with np.load(file) as styles:
        name = next((name for name in _STYLES[language] if name in styles), None)
        if name is None:
            raise EngineFailed(f"{file}: it has none of the styles {', '.join(_STYLES[language])}")
        chosen: Float32Array = styles[name].astype(np.float32)
    return chosen
