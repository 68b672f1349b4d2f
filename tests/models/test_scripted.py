from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from models.llama import LlamaModel
from models.protocols import ChatMessage
from models.scripted import ScriptedChoice, ScriptedModel
from models.store import ModelStore
from tests.models.language_files import sampling, thinker

SCRIPT = "Claro que sí. Mañana hará sol en Málaga, con veinte grados."
LOGITS = np.zeros(4, np.float32)


@pytest.fixture(scope="module")
def scripted(store: ModelStore) -> Iterator[ScriptedModel]:
    """Return a real model bound to a script."""
    path = store.files("smollm2-135m")["model"]
    model = ScriptedModel(LlamaModel(path, thinker()), SCRIPT)
    yield model
    model.close()


def _begin(model: ScriptedModel, said: str = "") -> None:
    model.restore(None)
    prompt = model.render([ChatMessage("user", "¿Qué tiempo hará?")], answer=True)
    for _ in model.read(model.tokenize(prompt + said)):
        pass


def _answer(model: ScriptedModel) -> str:
    return "".join(piece or "" for piece in model.generate(sampling(most_tokens=80)))


@pytest.mark.parametrize(
    ("tokens", "follows"), [([9, 9], 5), ([9, 5], 6), ([9, 5, 6], 7), ([5, 6, 7], 0), ([], 5)]
)
def test_a_script_goes_on_where_the_state_leaves_off(tokens: list[int], follows: int) -> None:
    """Then it ends."""
    assert ScriptedChoice([5, 6, 7], 0).choose(LOGITS, tokens) == follows


def test_the_answer_is_the_script(scripted: ScriptedModel) -> None:
    """To the letter, whatever the model thinks, as often as it is asked."""
    for _ in range(2):
        _begin(scripted)
        assert _answer(scripted) == SCRIPT


def test_each_token_passes_through_the_model(scripted: ScriptedModel) -> None:
    """All but the last one said are in the state afterwards."""
    _begin(scripted)
    before = len(scripted.save().tokens)
    _answer(scripted)
    state = scripted.save()
    assert list(state.tokens[before:]) == scripted.tokenize(SCRIPT)


def test_a_script_is_continued_after_what_was_said(scripted: ScriptedModel) -> None:
    """A successor says the rest."""
    _begin(scripted, "Claro que sí.")
    assert _answer(scripted) == SCRIPT.removeprefix("Claro que sí.")
