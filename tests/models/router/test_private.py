from __future__ import annotations

import pytest

from models.router.private import is_private


@pytest.mark.parametrize(
    "text",
    [
        "What is my blood group?",
        "¿Cuánto gané el año que viene?",
        "¿Cuánto gastaste? Yo gasté mucho.",
        "Tomo dos al día, ¿es mucho?",
        "How does chemotherapy for cancer work?",
        "¿Qué interés tiene una hipoteca?",
        "Where did Lucía go to school?",
        "What happened last night?",
        "¿Qué código tiene la caja fuerte?",
    ],
)
def test_what_stays_in_the_house(text: str) -> None:
    """The speaker, their people, health, money, and what happens here and now."""
    assert is_private(text)


@pytest.mark.parametrize(
    "text",
    [
        "Tell me about public key cryptography.",
        "¿Me puedes explicar por qué se tomó la Bastilla?",
        "Quiero saber quién ganó en Lepanto.",
        "Who was Marie Curie?",
        "How does a heat pump heat a house?",
        "I wonder how volcanoes are born.",
    ],
)
def test_what_anybody_could_ask(text: str) -> None:
    """A request in the first person tells nothing about who makes it; a full name is famous."""
    assert not is_private(text)


def test_names_of_the_household() -> None:
    """Names that no list has are told in the settings; case and accents do not count."""
    assert not is_private("Where is Zaphod?")
    assert is_private("Where is Zaphod?", ("zaphód",))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Little Foot", "When was little  foot born?"),
        ("Tía Rosa", "¿Qué edad tiene la tia rosa?"),
        ("O'Brien", "Who did O\u2019Brien\u2019s team play?"),
        ("K9", "How heavy is K9?"),
        ("J.R.", "Which films does J.R. like?"),
    ],
)
def test_names_that_are_not_one_plain_word(name: str, text: str) -> None:
    """Of several words, with apostrophes, digits and points."""
    assert not is_private(text)
    assert is_private(text, ("Zaphod", name))


@pytest.mark.parametrize("name", ["Argo", "J.R.", "", " "])
def test_a_name_is_no_part_of_a_word(name: str) -> None:
    """Nor does a point in it stand for anything, nor an empty one for everything."""
    assert not is_private("Who were the Argonauts, and what was jar pottery?", (name,))
