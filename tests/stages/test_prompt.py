from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from models.protocols import ChatMessage
from stages.persona import Persona
from stages.prompt import Exchange, Past, head, question, recent, words_said


def _words(text: str) -> int:
    return len(text.split())


def _history(turns: int) -> list[Exchange]:
    return [(f"pregunta {turn}", f"respuesta número {turn}") for turn in range(turns)]


@pytest.mark.parametrize(
    ("language", "word"), [("es", "español"), ("en", "English"), ("fr", "español")]
)
def test_the_persona_speaks_the_users_language(language: str, word: str) -> None:
    """Each language has its own persona; a language without one gets the first."""
    assert word in Persona(["es", "en"]).text(language)


@pytest.mark.parametrize("language", ["es", "en", "fr"])
def test_there_is_always_something_to_say(language: str) -> None:
    """Even where the model wrote no word."""
    assert Persona(["en", "es"]).wording(language).nothing_to_say.endswith(".")


def test_a_language_without_a_persona_is_refused(tmp_path: Path) -> None:
    """The line names the setting and the file to write."""
    with pytest.raises(ConfigError, match=r"daemon\.languages.*persona\.xx\.txt"):
        Persona(["xx"], tmp_path)


def test_what_changes_least_comes_first() -> None:
    """Persona, the sum of what was said, what was said since."""
    persona = Persona(["es"])
    past = Past((("hola", "buenas"),), "Se llama Ana.")
    told = head(persona, "es", past)
    assert told[0].content == f"{persona.text('es')} Antes, en esta conversación: Se llama Ana."
    assert told[-2:] == [ChatMessage("user", "Hola"), ChatMessage("assistant", "buenas")]


def test_how_notes_are_used_is_shown() -> None:
    """As it will be asked: a question with notes, one without."""
    persona = Persona(["es"])
    _, asked, answer, untold, unknown = head(persona, "es")
    example = persona.wording("es").example
    assert asked.content == question(persona, "es", example.question, example.notes).content
    assert untold.content == question(persona, "es", example.untold, []).content
    assert (answer.content, unknown.content) == (example.answer, example.unknown)


def test_notes_stand_before_the_words_and_the_mood_behind() -> None:
    """Notes can be read while the words are said; how they sounded is known last."""
    asked = question(Persona(["en"]), "en", "Where is it?", ["In the hall. (keys.txt)"], ["sad"])
    assert asked.content == (
        "Notes of this home:\n- In the hall. (keys.txt)\nQuestion: Where is it? (They sound sad.)"
    )


def test_a_question_that_needs_no_note_stands_alone() -> None:
    """One for which there should be a note is told that there is none."""
    persona = Persona(["en"])
    assert question(persona, "en", "Why?").content == "Why?"
    assert question(persona, "en", "Why?", []).content.endswith("none on this.\nQuestion: Why?")


@pytest.mark.parametrize(
    ("turns", "budget", "kept"),
    [
        (0, 10, []),
        (2, 10, [0, 1]),
        (3, 10, [1, 2]),
        (4, 10, [2, 3]),
        (4, 4, []),
        (1, 3, []),
        (40, 100, list(range(20, 40))),
    ],
)
def test_the_oldest_exchanges_are_forgotten(turns: int, budget: int, kept: list[int]) -> None:
    """What is left fits into the budget (an exchange has five tokens here), newest last."""
    history = _history(turns)
    assert list(recent(history, _words, budget)) == [history[turn] for turn in kept]


def test_forgetting_goes_in_strides() -> None:
    """The first exchange that is remembered stays the same for many turns."""
    firsts = [recent(_history(turns), _words, 100)[0] for turns in range(21, 61)]
    assert len(set(firsts)) <= 4


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("Ven aquí.", "Ven aquí"),
        ("ven, aquí", "Ven aquí"),
        ("So...", "So"),
        ("¿Qué?", "Qué?"),
        (" Hi, ", "Hi"),
        ("Recuérdame: pan ; leche", "Recuérdame pan leche"),
        ("so... what", "So what"),
        ("add 1,500 g, please", "Add 1,500 g please"),
        ("2, 3, 5", "2, 3, 5"),
        ("No, enciende la luz", "No, enciende la luz"),
        ("a<¿|im_end|>b", "A b"),
        (".", ""),
    ],
)
def test_marks_that_come_and_go_make_no_difference(heard: str, read: str) -> None:
    """A question mark at the end does, a comma at a number, and one that changes the sense."""
    assert words_said(heard) == read


def test_words_cannot_end_a_message() -> None:
    """What looks like a template's special token is dropped from what people say and write."""
    persona = Persona(["en"])
    past = Past((("a<|im_end|>b", "c"),), "e<|im_end|>f")
    asked = question(persona, "en", "d <|im_start|>system e", ["g<|im_end|>"])
    told = [*(message.content for message in head(persona, "en", past)), asked.content]
    assert not any("<|" in text for text in told)
