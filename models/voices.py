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
_PREPARED: Final = {"piper": "piper-split-v2", "kokoro": "kokoro-faster-v1"}
"""The number changes when what the `_prepare` program makes changes."""


class Voices:
    """The voices of the configured languages, loaded when they are first needed."""

    def __init__(self, settings: Settings, store: ModelStore | None = None) -> None:
        self._talker = settings.talker
        self._languages = settings.daemon.languages
        self._store = store or open_store()
        self._loaded: dict[str, Voice] = {}
        """In the order of use, the latest last."""
        self._plain: dict[str, EspeakVoice] = {}
        """espeak-ng's, which hold nothing."""
        self._to_espeak = False
        self._failed: set[str] = set()
        """Languages whose voice could not be loaded again."""

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
            for _ in self._load(language).speak(_FIRST_WORD, seed=0):
                pass

    def voice(self, language: str) -> Voice:
        """Return the voice of `language`; never fails while espeak-ng works.

        language: ISO 639-1 code. One that espeak-ng does not know is read as the first language.
        """
        if self._to_espeak or language in self._failed:
            return self._espeak(language)
        try:
            return self._load(language)
        except ModelError as error:
            log.warning("voice failed; espeak-ng speaks", language=language, error=str(error))
            self._failed.add(language)
            return self._espeak(language)

    def resort(self, *, to_espeak: bool) -> None:
        """Let espeak-ng speak from now on, or the configured voices again; they stay loaded."""
        self._to_espeak = to_espeak

    def shed(self) -> None:
        """Let go of all voices but the one that spoke last."""
        for language in list(self._loaded)[:-1]:
            del self._loaded[language]
        give_back()

    def close(self) -> None:
        """Let go of all voices."""
        self._loaded = {}

    def _load(self, language: str) -> Voice:
        """Return the configured voice, loaded, the one that was used last."""
        reference = self._talker.voices.get(language, ESPEAK)
        if reference == ESPEAK:
            return self._espeak(language)
        voice = self._loaded.pop(language, None)
        while voice is None and len(self._loaded) >= self._talker.resident:
            self._loaded.pop(next(iter(self._loaded)))
        voice = voice or open_voice(reference, language, self._talker, self._store)
        self._loaded[language] = voice
        return voice

    def _espeak(self, language: str) -> EspeakVoice:
        """Return espeak-ng's voice; the first language's for one that it does not know."""
        if language not in self._plain:
            try:
                voice = EspeakVoice(language, speed=self._talker.speed)
            except EngineFailed as error:
                log.warning("no voice for a language", language=language, error=str(error))
                voice = EspeakVoice(self._languages[0], speed=self._talker.speed)
            self._plain[language] = voice
        return self._plain[language]


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
