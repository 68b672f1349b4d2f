"""Settings in, the voice of a language out: the configured one, espeak-ng where that fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from config.logs import log
from config.settings import Settings, Talker
from models.derived import build_once
from models.errors import EngineFailed, ModelError
from models.espeak_voice import EspeakVoice
from models.protocols import Voice
from models.store import ModelStore, open_store

ESPEAK: Final = "espeak"
"""The voice that needs no file."""

_SPLIT_NAME: Final = "piper-split-v1"
"""The number changes when what `models.piper_prepare` makes changes."""
_PROJECT: Final = Path(__file__).resolve().parent.parent


class Voices:
    """The voices of the configured languages, loaded when they are first needed."""

    def __init__(self, settings: Settings, store: ModelStore | None = None) -> None:
        self._talker = settings.talker
        self._first_language = settings.daemon.languages[0]
        self._store = store or open_store()
        self._loaded: dict[str, Voice] = {}
        self._latest = self._first_language

    def open(self) -> None:
        """Check and prepare all configured voices and load the one of the first language.

        Preparing takes seconds, once. Raises ModelMissing, ModelDamaged, EngineFailed.
        """
        for reference in self._talker.voices.values():
            if reference != ESPEAK:
                prepare_voice(reference, self._store)
        self._loaded[self._first_language] = self._load(self._first_language)

    def voice(self, language: str) -> Voice:
        """Return the voice of `language`; never fails while espeak-ng works.

        language: ISO 639-1 code. One that espeak-ng does not know is read as the first language.
        """
        self._latest = language
        if language not in self._loaded:
            self._loaded[language] = self._load_or_resort(language)
        return self._loaded[language]

    def shed(self) -> None:
        """Let go of all voices but the one that spoke last."""
        self._loaded = {
            language: voice for language, voice in self._loaded.items() if language == self._latest
        }

    def close(self) -> None:
        """Let go of all voices."""
        self._loaded = {}

    def _load_or_resort(self, language: str) -> Voice:
        try:
            return self._load(language)
        except ModelError as error:
            log.warning("voice failed; espeak-ng speaks", language=language, error=str(error))
        try:
            return EspeakVoice(language, speed=self._talker.speed)
        except EngineFailed:
            return self.voice(self._first_language)

    def _load(self, language: str) -> Voice:
        reference = self._talker.voices.get(language, ESPEAK)
        if reference == ESPEAK:
            return EspeakVoice(language, speed=self._talker.speed)
        return open_voice(reference, self._talker, self._store)


def open_voice(reference: str, talker: Talker, store: ModelStore) -> Voice:
    """Return a voice, loaded; what has to be made of its files first is made, once.

    reference: catalogue id or path of a Piper .onnx.
    Raises ModelMissing, ModelDamaged, EngineFailed, UnknownModel.
    """
    from models.piper import Pieces, PiperVoice  # noqa: PLC0415 - ONNX only where it is needed
    from models.piper_files import open_prepared  # noqa: PLC0415

    folder = prepare_voice(reference, store)
    return PiperVoice(
        open_prepared(folder, store.resolve(reference)["voice-config"]),
        threads=talker.threads,
        speed=talker.speed,
        noise=talker.noise,
        pieces=Pieces(
            first=talker.first_chunk_frames,
            most=talker.chunk_frames,
            context=talker.context_frames,
        ),
    )


def prepare_voice(reference: str, store: ModelStore) -> Path:
    """Return the folder of a Piper voice's three graphs, which are made if they are not there.

    Raises ModelMissing, ModelDamaged, EngineFailed, UnknownModel.
    """
    files = store.resolve(reference)
    if "voice" not in files:
        raise EngineFailed(f"model {reference} is no voice; name another under [talker] voices")

    def build(folder: Path) -> None:
        command = [sys.executable, "-m", "models.piper_prepare"]
        command += [str(files["voice"]), str(files["voice-config"]), str(folder)]
        done = subprocess.run(
            command, cwd=_PROJECT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise EngineFailed(lines[-1])

    return build_once(store.derived(reference, _SPLIT_NAME), build)
