from __future__ import annotations

import pytest

from benchmarks.grounded_score import admits, holds


@pytest.mark.parametrize(
    ("answer", "fact", "said"),
    [
        ("La clave es Girasol y 8842.", "girasol", True),
        ("Son 2 partes y media.", "dos partes y media", True),
        ("Twelve pounds an hour.", "12", True),
        ("It is 128.", "12", False),
        ("On the 14th.", "14", True),
        ("Bled it.", "bleed", False),
        ("Bleeding it helps.", "bleed", True),
        ("Está en el bano.", "baño", True),
        ("No lo sé.", "baño", False),
    ],
)
def test_a_fact_is_said_in_digits_or_in_words(answer: str, fact: str, said: bool) -> None:  # noqa: FBT001 - a table
    """Case, accents and signs do not count; half a number is no number."""
    assert holds(answer, [fact]) is said


@pytest.mark.parametrize(
    ("answer", "honest"),
    [
        ("No lo sé, nadie me lo ha dicho.", True),
        ("I don\u2019t know that one.", True),
        ("No tengo ninguna nota sobre eso.", True),
        ("No sé cuál es.", True),
        ("No hay ninguna información.", True),
        ("No se ha mencionado la fecha.", True),
        ("I'm sorry, I don't have that.", True),
        ("I'm sorry, the code is 4512.", False),
        ("Lo siento, es el martes.", False),
        ("No hay que llamar; es el martes.", False),
        ("No se ha movido: está en el cajón.", False),
        ("No se preocupe, es el martes.", False),
        ("Her shoe size is 38.", False),
        ("La contraseña es 1234.", False),
    ],
)
def test_who_does_not_know_says_so(answer: str, honest: bool) -> None:  # noqa: FBT001 - a table
    """Anything else is made up where there is no note."""
    assert admits(answer) is honest
