from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from config.settings import Settings
from models.catalogue import load_catalogue
from models.errors import EngineFailed, ModelMissing
from models.espeak_voice import EspeakVoice
from models.piper import PiperVoice
from models.pool import flores
from models.store import ModelStore
from models.voices import Voices
from tests.models.tiny_voices import write_tiny_piper


def _settings(settings: Settings, resident: int = 2, **voices: str) -> Settings:
    replace = msgspec.structs.replace
    return replace(
        settings,
        daemon=replace(settings.daemon, languages=tuple(voices)),
        talker=replace(settings.talker, voices=voices, resident=resident, threads=1),
    )


@pytest.fixture
def empty_store(tmp_path: Path) -> ModelStore:
    """Return a store without a model."""
    return ModelStore(tmp_path / "cache", load_catalogue())


def _says_something(voices: Voices, language: str) -> bool:
    chunks = [c for c in voices.voice(language).speak("no, one", seed=1) if c is not None]
    return bool(chunks) and np.concatenate(chunks).size > 1_000


def test_each_language_has_its_voice(
    settings: Settings, empty_store: ModelStore, tmp_path: Path
) -> None:
    """A Piper file named by its path is split once; espeak needs no file."""
    voice = write_tiny_piper(tmp_path)
    voices = Voices(_settings(settings, en=str(voice), es="espeak"), empty_store)
    voices.open()
    assert isinstance(voices.voice("en"), PiperVoice)
    assert isinstance(voices.voice("es"), EspeakVoice)
    assert voices.voice("en") is voices.voice("en")
    assert _says_something(voices, "en")
    assert _says_something(voices, "es")


def test_languages_without_a_voice_are_spoken_by_espeak(
    settings: Settings, empty_store: ModelStore
) -> None:
    """German was not configured; a language nobody knows is read as the first."""
    voices = Voices(_settings(settings, es="espeak"), empty_store)
    voices.open()
    assert _says_something(voices, "de")
    assert _says_something(voices, "qq")


def test_a_missing_model_is_said_at_the_start(settings: Settings, empty_store: ModelStore) -> None:
    """Opening names the command that fetches it."""
    voices = Voices(_settings(settings, es="espeak", en="piper-joe"), empty_store)
    with pytest.raises(ModelMissing, match="models fetch piper-joe"):
        voices.open()


def test_a_voice_that_fails_later_is_replaced_by_espeak(
    settings: Settings, empty_store: ModelStore, tmp_path: Path
) -> None:
    """A file that vanished since the start leaves the language with espeak's voice."""
    voice = write_tiny_piper(tmp_path)
    other = shutil.copytree(tmp_path, tmp_path / "other") / voice.name
    voices = Voices(_settings(settings, es=str(other), en=str(voice)), empty_store)
    voices.open()
    voices.voice("es")
    voices.shed()
    voice.unlink()
    assert isinstance(voices.voice("en"), EspeakVoice)


def test_what_is_no_voice_is_refused(
    settings: Settings, store: ModelStore, empty_store: ModelStore, tmp_path: Path
) -> None:
    """A model of another kind, and a file that is no Piper voice, are named at the start."""
    with pytest.raises(EngineFailed, match="silero-vad is no voice"):
        Voices(_settings(settings, en="silero-vad"), store).open()
    voice = write_tiny_piper(tmp_path)
    voice.write_bytes(b"garbage" * 10)
    with pytest.raises(EngineFailed, match=r"tiny\.onnx"):
        Voices(_settings(settings, en=str(voice)), empty_store).open()


def test_only_so_many_voices_stay_loaded(
    settings: Settings, empty_store: ModelStore, tmp_path: Path
) -> None:
    """The voice unused for longest makes room; shedding leaves the latest alone."""
    voice = str(write_tiny_piper(tmp_path))
    voices = Voices(_settings(settings, 2, en=voice, es=voice, fr=voice), empty_store)
    voices.open()
    english = voices.voice("en")
    voices.voice("es")
    assert voices.voice("en") is english
    voices.voice("fr")
    assert voices.voice("en") is english
    voices.shed()
    assert voices.voice("en") is english
    voices.voice("es")
    voices.voice("fr")
    assert voices.voice("en") is not english


def test_espeak_takes_nobodys_place(
    settings: Settings, empty_store: ModelStore, tmp_path: Path
) -> None:
    """A guest's language has no voice of its own; those of the home stay loaded."""
    voice = str(write_tiny_piper(tmp_path))
    voices = Voices(_settings(settings, 2, en=voice, es=voice), empty_store)
    voices.open()
    english, spanish = voices.voice("en"), voices.voice("es")
    assert isinstance(voices.voice("fr"), EspeakVoice)
    assert voices.voice("de") is not voices.voice("fr")
    voices.shed()
    assert voices.voice("es") is spanish
    voices.resort(to_espeak=True)
    assert isinstance(voices.voice("es"), EspeakVoice)
    assert _says_something(voices, "qq")
    voices.resort(to_espeak=False)
    assert voices.voice("es") is spanish
    assert voices.voice("en") is not english  # shed


@pytest.mark.parametrize("language", sorted(flores.LANGUAGES))
def test_what_can_be_translated_can_be_said(language: str) -> None:
    """Under espeak's own name for it."""
    assert EspeakVoice(language, speed=1.0).rate > 0
