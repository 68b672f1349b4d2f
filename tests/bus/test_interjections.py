from __future__ import annotations

import pytest

from bus.interjections import Interjections
from config.load import load_settings


@pytest.fixture(scope="module")
def shipped() -> Interjections:
    settings = load_settings("tiny").barge_in
    return Interjections(settings.backchannels, settings.stop_words)


@pytest.mark.parametrize(
    "text",
    ["Mm-hm.", "Mmm-hmm", "Uh-huh.", "Ok, ok.", "Okay!", "Yes.", "I see.", "Ajá", "¡Ajá!", "Aha",
     "Sí, sí.", "Si.", "Vale.", "Muy bien, vale.", "Ya, ya, ya", "Thank you.", "Mm. Yeah. Right."],
)  # fmt: skip
def test_signs_of_listening_are_no_words(shipped: Interjections, text: str) -> None:
    """In any case, with and without accents, said once or several times."""
    assert shipped.meaning(text) == "backchannel"


@pytest.mark.parametrize(
    "text",
    ["Stop!", "Stop, stop.", "Ok, stop.", "Be quiet.", "Para.", "¡Para, para!", "Basta ya.",
     "¡Cállate!", "Callate", "Vale, para.", "Never mind."],
)  # fmt: skip
def test_orders_to_be_silent_stand_alone(shipped: Interjections, text: str) -> None:
    """Alone or among signs of listening."""
    assert shipped.meaning(text) == "stop"


@pytest.mark.parametrize(
    "text",
    ["Stop the timer.", "Para mañana, ¿qué tiempo hace?", "Yes, but why?", "Sí, ¿y mañana?",
     "No.", "What?", "Okra", "I", "Sea"],
)  # fmt: skip
def test_all_else_is_words(shipped: Interjections, text: str) -> None:
    """A word that begins like one of them, and a sentence that begins with one."""
    assert shipped.meaning(text) == "words"


@pytest.mark.parametrize("text", ["", " ", "...", "¿?", "-", "♪"])
def test_marks_are_nothing(shipped: Interjections, text: str) -> None:
    """What a recogniser writes where there was no word."""
    assert shipped.meaning(text) == "nothing"


def test_without_lists_every_word_counts() -> None:
    """Whoever empties the lists is interrupted by anything."""
    assert Interjections({}, {"en": ()}).meaning("ok") == "words"
