from __future__ import annotations

import msgspec
import pytest

from config.settings import Settings
from config.stage_settings import Guards
from models.transcript_guards import Evidence, compression, doubt, is_phantom, loop_start

SURE = Evidence(
    text="Set a timer.", tokens=(1, 2, 3, 4), log_probability=-0.2, no_speech_probability=0.05
)


@pytest.fixture
def guards(settings: Settings) -> Guards:
    """Return the guards as configured."""
    return settings.encoder.guards


def _changed(**changes: object) -> Evidence:
    return msgspec.structs.replace(SURE, **changes)


def test_believes_what_is_likely(guards: Guards) -> None:
    """A probable text with little silence has no doubt; so has a word said four times."""
    assert doubt(SURE, guards) == ""
    no = _changed(text="No, no, no, no.", tokens=(5, 6, 5, 6, 5, 6, 5))
    assert doubt(no, guards) == ""


@pytest.mark.parametrize("text", ["", " ", "...", "¿?", "…"])
def test_text_without_words_is_blank(guards: Guards, text: str) -> None:
    """Punctuation alone is not something that was said."""
    assert doubt(_changed(text=text), guards) == "blank"


def test_the_quieter_it_is_the_surer_a_text_must_be(guards: Guards) -> None:
    """The same probability is believed over speech, and not over what sounds like silence."""
    spoken = _changed(log_probability=-1.0, no_speech_probability=0.2)
    assert doubt(spoken, guards) == ""
    assert doubt(msgspec.structs.replace(spoken, no_speech_probability=0.8), guards) == "unlikely"


def test_known_inventions_need_better_evidence(guards: Guards) -> None:
    """Thanks are believed when they were clearly said, and not when nothing clear was."""
    thanks = _changed(text="Gracias por ver el vídeo.")
    assert doubt(thanks, guards) == ""
    weak = {"log_probability": -0.8, "no_speech_probability": 0.6}
    assert doubt(msgspec.structs.replace(thanks, **weak), guards) == "phantom"
    assert doubt(_changed(**weak), guards) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Subtítulos realizados por la comunidad de Amara.org",
        "Thanks for watching!",
        "¡Gracias!",
        "you",
        "[Música]",
    ],
)
def test_knows_what_is_invented(text: str) -> None:
    """Ends and subtitles of films, whatever their case, accents and punctuation."""
    assert is_phantom(text)


@pytest.mark.parametrize(
    "text", ["Gracias a ti", "Set a timer", "Thank the doctor for me", "yours"]
)
def test_ordinary_sentences_are_not_inventions(text: str) -> None:
    """Sentences that only begin like one, or contain one of its words."""
    assert not is_phantom(text)


@pytest.mark.parametrize(
    ("tokens", "start"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8, 9], None),
        ([9, 9, 9, 9], None),
        ([5, 9, 9, 9, 9, 9, 9, 9, 9], 1),
        ([7, 1, 2, 1, 2, 1, 2, 1, 2], 1),
        ([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4], None),
        ([1, 2, 3, 4] * 4, 0),
        ([1, 2, 3, 4] * 4 + [8], None),
        ([], None),
    ],
)
def test_finds_where_a_loop_begins(tokens: list[int], start: int | None) -> None:
    """A pattern that follows itself more than three times, at the end, and is long enough."""
    assert loop_start(tokens, 3) == start


def test_a_loop_is_a_repetition(guards: Guards) -> None:
    """Looping tokens are doubted whatever their probability."""
    assert doubt(_changed(text="six six", tokens=(6,) * 8), guards) == "repetition"


def test_a_text_that_shrinks_too_well_is_doubted(guards: Guards) -> None:
    """Repetition that tokens do not show is seen by compression; short texts are left alone."""
    text = "little bit of a " * 12
    assert doubt(_changed(text=text), guards) == "compression"
    assert compression("no no no no") == 1.0
