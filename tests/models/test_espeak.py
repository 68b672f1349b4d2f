from __future__ import annotations

import threading

import numpy as np
import pytest

from models import espeak
from models.errors import EngineFailed
from models.espeak_voice import EspeakVoice


def test_phonemes_keep_the_marks_that_make_pauses() -> None:
    """Commas, questions and full stops stay where they were; opening marks go."""
    said = espeak.phonemes("Hello, world! How are you?", "en-us")
    assert [mark for mark in said if mark in ",.!?"] == [",", "!", "?"]
    assert espeak.phonemes("¿Qué tal?", "es") == "k\u02c8e t\u02c8al?"


def test_marks_are_made_few_and_known() -> None:
    """Dashes pause, dots end, and of several marks the strongest stays."""
    assert espeak.phonemes("no\u2026 no", "es") == "n\u02c8o. n\u02c8o"
    assert espeak.phonemes("no \u2014 no", "es") == "n\u02c8o, n\u02c8o"
    assert espeak.phonemes("no?!", "es").endswith("?")


def test_a_language_is_a_voice() -> None:
    """Castilian and American Spanish say the same letters differently."""
    assert "θ" in espeak.phonemes("Zaragoza", "es")
    assert "θ" not in espeak.phonemes("Zaragoza", "es-419")


def test_foreign_words_leave_no_flags() -> None:
    """A word that espeak takes for English is not wrapped in language marks."""
    assert "(" not in espeak.phonemes("El smartphone de Microsoft y el weekend", "es")


def test_long_text_is_said_whole() -> None:
    """A text longer than espeak takes at once comes in several pieces, none lost."""
    said = espeak.phonemes("uno dos tres cuatro cinco seis siete " * 60, "es")
    assert said.count("θ\u02c8inko") == 60


def test_nothing_has_no_phonemes() -> None:
    """Empty text and marks alone give nothing."""
    assert espeak.phonemes("", "es") == ""
    assert espeak.phonemes("... !", "es") == ""


def test_unknown_voices_are_named() -> None:
    """The error says which voice and what would be one."""
    with pytest.raises(EngineFailed, match=r"no voice 'qq'.*en-us"):
        espeak.phonemes("x", "qq")
    with pytest.raises(EngineFailed, match="no voice 'qq'"):
        EspeakVoice("qq", speed=1.0)


def test_same_text_same_samples() -> None:
    """What was said before, in another language too, leaves no trace."""
    first, rate = espeak.synthesise("Hola, ¿qué tal?", "es", speed=1.0, seed=3)
    espeak.synthesise("Something else", "en-us", speed=1.5, seed=9)
    espeak.phonemes("y otra cosa", "es")
    again, _ = espeak.synthesise("Hola, ¿qué tal?", "es", speed=1.0, seed=3)
    assert rate == 22_050
    assert np.array_equal(first, again)


def test_speed_shortens() -> None:
    """Twice the speed takes clearly less time."""
    slow, _ = espeak.synthesise("uno dos tres cuatro", "es", speed=1.0, seed=1)
    fast, _ = espeak.synthesise("uno dos tres cuatro", "es", speed=2.0, seed=1)
    assert fast.size < slow.size * 0.75


def test_the_voice_of_last_resort_speaks_in_chunks() -> None:
    """Chunks of sound come one by one, None between steps; the same each time."""
    voice = EspeakVoice("es", speed=1.0)
    chunks = list(voice.speak("Buenos días. Son las tres y media.", seed=1))
    assert None in chunks
    sound = np.concatenate([chunk for chunk in chunks if chunk is not None])
    assert sound.dtype == np.int16
    assert voice.rate * 1 < sound.size < voice.rate * 5
    again = voice.speak("Buenos días. Son las tres y media.", seed=1)
    assert np.array_equal(sound, np.concatenate([chunk for chunk in again if chunk is not None]))


def test_threads_do_not_disturb_each_other() -> None:
    """The library is used by one thread at a time."""
    expected = {voice: espeak.phonemes("Zaragoza, no. Llueve.", voice) for voice in ("es", "en-us")}
    said: list[tuple[str, str]] = []

    def speak(voice: str) -> None:
        said.extend((voice, espeak.phonemes("Zaragoza, no. Llueve.", voice)) for _ in range(20))

    threads = [threading.Thread(target=speak, args=(voice,)) for voice in expected for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 80
    assert set(said) == set(expected.items())
