"""Settings in, the voice of a language out: the configured one, espeak-ng where that fails."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from config.logs import log
from config.settings import Settings
from config.stage_settings import Talker
from models.apart import prepare_apart
from models.derived import build_once
from models.errors import EngineFailed, ModelError
from models.espeak_voice import EspeakVoice
from models.heap_trim import give_back
from models.protocols import Voice
from models.store import ModelStore, open_store

ESPEAK: Final = "espeak"
"""The voice that needs no file."""

_FIRST_WORD: Final = "Hola."

_ROLES: Final = {"piper": ("voice", "voice-config"), "kokoro": ("model", "vocabulary", "styles")}
"""Kind of voice → the roles of its files, in the order that its `_prepare` program takes."""
_PREPARED: Final = {"piper": "piper-split-v1", "kokoro": "kokoro-faster-v1"}
"""The number changes when what the `_prepare` program makes changes."""


class Voices:
    """The voices of the configured languages, loaded when they are first needed."""

    def __init__(self, settings: Settings, store: ModelStore | None = None) -> None:
        self._talker = settings.talker
        self._languages = settings.daemon.languages
        self._store = store or open_store()
        self._loaded: dict[str, Voice] = {}
        """In the order of use, the latest last."""
        self._plain: dict[str, Voice] | None = None
        """espeak-ng's voices, while nothing else may speak."""

    def open(self) -> None:
        """Check and prepare all configured voices, and load as many as may stay.

        Each speaks a word: the first one costs a voice 100 ms more than later ones, because its
        weights are not in memory yet. Preparing takes seconds, once.
        Raises ModelMissing, ModelDamaged, EngineFailed.
        """
        for reference in self._talker.voices.values():
            if reference != ESPEAK:
                prepare_voice(reference, self._talker.weights, self._store)
        for language in self._languages[: self._talker.resident]:
            self._loaded[language] = self._load(language)
            for _ in self._loaded[language].speak(_FIRST_WORD, seed=0):
                pass

    def voice(self, language: str) -> Voice:
        """Return the voice of `language`; never fails while espeak-ng works.

        language: ISO 639-1 code. One that espeak-ng does not know is read as the first language.
        """
        if self._plain is not None:
            if language not in self._plain:
                self._plain[language] = self._resort(language)
            return self._plain[language]
        voice = self._loaded.pop(language, None)
        needs_room = voice is None and self._talker.voices.get(language, ESPEAK) != ESPEAK
        while needs_room and len(self._loaded) >= self._talker.resident:
            self._loaded.pop(next(iter(self._loaded)))
        self._loaded[language] = voice or self._load_or_resort(language)
        return self._loaded[language]

    def resort(self, *, to_espeak: bool) -> None:
        """Let espeak-ng speak from now on, or the configured voices again; they stay loaded."""
        self._plain = {} if to_espeak else None

    def shed(self) -> None:
        """Let go of all voices but the one that spoke last."""
        for language in list(self._loaded)[:-1]:
            del self._loaded[language]
        give_back()

    def close(self) -> None:
        """Let go of all voices."""
        self._loaded = {}

    def _load_or_resort(self, language: str) -> Voice:
        try:
            return self._load(language)
        except ModelError as error:
            log.warning("voice failed; espeak-ng speaks", language=language, error=str(error))
        return self._resort(language)

    def _resort(self, language: str) -> Voice:
        try:
            return EspeakVoice(language, speed=self._talker.speed)
        except EngineFailed:
            self._plain = None  # not even that: better late than never
            return self.voice(self._languages[0])

    def _load(self, language: str) -> Voice:
        reference = self._talker.voices.get(language, ESPEAK)
        if reference == ESPEAK:
            return EspeakVoice(language, speed=self._talker.speed)
        return open_voice(reference, language, self._talker, self._store)


def open_voice(reference: str, language: str, talker: Talker, store: ModelStore) -> Voice:
    """Return a voice, loaded; what has to be made of its files first is made, once.

    reference: catalogue id or path of a Piper .onnx. language: what it shall speak, for voices
    that speak several.
    Raises ModelMissing, ModelDamaged, EngineFailed, UnknownModel.
    """
    folder = prepare_voice(reference, talker.weights, store)
    files = store.resolve(reference)
    if _kind(reference, files) == "kokoro":
        from models.kokoro import KokoroFiles, KokoroVoice  # noqa: PLC0415 - as below

        kokoro = KokoroFiles(folder, files["vocabulary"], files["styles"])
        return KokoroVoice(kokoro, language, threads=talker.threads, speed=talker.speed)
    from models.piper import Pieces, PiperVoice  # noqa: PLC0415 - ONNX only where it is needed
    from models.piper_files import open_prepared  # noqa: PLC0415

    return PiperVoice(
        open_prepared(folder, files["voice-config"]),
        threads=talker.threads,
        speed=talker.speed,
        noise=talker.noise,
        pieces=Pieces(
            first=talker.first_chunk_frames,
            most=talker.chunk_frames,
            context=talker.context_frames,
        ),
    )


def prepare_voice(reference: str, weights: str, store: ModelStore) -> Path:
    """Return the folder of the graphs made of a voice's files, making them if they are not there.

    weights: "float", "half" or "int8", see `config.settings.Talker`.
    Raises ModelMissing, ModelDamaged, EngineFailed, UnknownModel.
    """
    files = store.resolve(reference)
    kind = _kind(reference, files)

    def build(folder: Path) -> None:
        options = [weights] if kind == "piper" else []
        sources = [files[role] for role in _ROLES[kind]]
        prepare_apart(f"models.{kind}_prepare", *options, *sources, folder)

    name = f"{_PREPARED[kind]}-{weights}" if kind == "piper" else _PREPARED[kind]
    return build_once(store.derived(reference, name), build)


def _kind(reference: str, files: dict[str, Path]) -> str:
    kind = next((kind for kind, roles in _ROLES.items() if set(roles) <= set(files)), None)
    if kind is None:
        raise EngineFailed(f"model {reference} is no voice; name another under [talker] voices")
    return kind
