from __future__ import annotations

import pytest

from stages.household_requests import (
    Forget,
    ForgetConversation,
    HouseholdRequest,
    Remember,
    household_request,
)


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("Recuerda que el técnico viene el martes.", Remember("el técnico viene el martes")),
        ("Oye, acuérdate de que Ana no come nueces", Remember("Ana no come nueces")),
        ("No olvides que mañana es fiesta, por favor.", Remember("mañana es fiesta")),
        ("¿Puedes recordar que la clave es azul?", Remember("la clave es azul")),
        ("Remember that the key is under the pot, please.", Remember("the key is under the pot")),
        ("Can you remember that dinner is at nine?", Remember("dinner is at nine")),
        ("Olvida que el técnico viene el martes", Forget("el técnico viene el martes")),
        ("Olvida lo de la llave.", Forget("la llave")),
        ("olvídate de lo de la llave", Forget("la llave")),
        ("Forget about the spare key.", Forget("the spare key")),
        ("Forget what I told you about the key", Forget("the key")),
        ("Olvida esta conversación, por favor", ForgetConversation()),
        ("Olvida todo lo que te he dicho", ForgetConversation()),
        ("Forget everything I said.", ForgetConversation()),
        ("Please forget our conversation", ForgetConversation()),
        ("Do you remember that film?", None),
        ("¿Te acuerdas de que fuimos a Roma?", None),
        ("¿Recuerdas dónde está la llave?", None),
        ("recuérdame comprar pan", None),
        ("I always forget that song", None),
        ("Remember that", None),
        ("Forget it.", None),
        ("What did I forget about the trip?", None),
    ],
)
def test_wishes_are_told_from_questions(words: str, wish: HouseholdRequest | None) -> None:
    """Politeness and accents make no difference; a question wants an answer."""
    assert household_request(words) == wish
