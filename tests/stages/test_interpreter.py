"""A thinker that is spoken to in a language it does not speak: a real translator, a real model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bus.frames import Clause, Forgotten
from config.load import ConfigError, load_settings
from stages.thinker import Thinker
from tests.models.pool.tiny_translation import write_tiny_translation
from tests.stages.thinking import Worker, closed, played, transcript

FRENCH = "bonjour le monde."
SCRIPT = "The kettle is on in the kitchen now. It needs four more minutes."


def opened(model: Path, *options: str) -> Thinker:
    """Return a thinker of an English home where French is spoken, too."""
    chosen = [
        'daemon.languages=["en"]', 'pool.languages=["fr"]', "memory.look_up=false",
        f"thinker.script={SCRIPT}", f"pool.specialists.translation.model={model}",
        "pool.specialists.translation.load_s=60", "pool.specialists.translation.first_ms=60_000",
        "pool.specialists.translation.between_ms=60_000", *options,
    ]  # fmt: skip
    thinker = Thinker(load_settings("tiny", None, chosen))
    thinker.open()
    return thinker


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_translation(tmp_path_factory.mktemp("translation") / "model")


@pytest.fixture(scope="module")
def thinker(model: Path) -> Iterator[Thinker]:
    thinker = opened(model)
    yield thinker
    thinker.close()


def answered(worker: Worker, turn: int = 1) -> list[Clause]:
    worker.give(transcript(FRENCH, "final", language="fr", turn=turn))
    clauses = [frame for frame in worker.sent if isinstance(frame, Clause)]
    worker.give(closed(turn))
    worker.sent.clear()
    return clauses


def test_words_are_translated_answered_and_translated_back(thinker: Thinker) -> None:
    """The clauses are in the speaker's language, in the translator's words."""
    clauses = answered(Worker(thinker))
    assert {clause.language for clause in clauses} == {"fr"}
    assert clauses[-1].last
    known = {"bonjour", "le", "monde", "hola", "mundo", "buenos", "días", "."}
    said = " ".join(clause.text for clause in clauses).replace(".", " . ").split()
    assert said
    assert set(said) <= known


def test_a_successor_says_the_same(thinker: Thinker) -> None:
    """What was on the bus is not said again, and what follows is what would have followed."""
    whole = answered(Worker(thinker))
    assert len(whole) > 1
    guess = transcript(FRENCH, "candidate", language="fr")
    worker = Worker(thinker)
    thinker.resume([guess, msgspec.structs.replace(guess, state="final")], whole[:1])
    worker.idle()
    rest = [frame for frame in worker.sent if isinstance(frame, Clause)]
    assert [(each.index, each.text) for each in rest] == [
        (each.index, each.text) for each in whole[1:]
    ]
    worker.give(closed())


def test_a_successor_that_cannot_translate_ends_the_answer(thinker: Thinker, model: Path) -> None:
    """What was said stays said, and no line is put behind it."""
    whole = answered(Worker(thinker))
    successor = opened(model, "pool.memory_mb=10")
    worker = Worker(successor)
    successor.resume([transcript(FRENCH, "final", language="fr")], whole[:1])
    worker.idle()
    (end,) = [frame for frame in worker.sent if isinstance(frame, Clause)]
    assert (end.index, end.text, end.last) == (1, "", True)
    successor.close()


def test_what_was_said_is_remembered_in_the_language_of_the_home(thinker: Thinker) -> None:
    """The next prompt is in it; of the answer only what was heard."""
    worker = Worker(thinker)
    worker.give(transcript(FRENCH, "final", language="fr", turn=7))
    first = next(frame for frame in worker.sent if isinstance(frame, Clause))
    worker.give(played(first.text, turn=7))
    words, answer = thinker._conversation(first.session).exchanges[-1]
    assert words
    assert words != FRENCH
    assert answer == SCRIPT.split(".", maxsplit=1)[0] + "."


def test_wishes_of_guests_are_answered_not_done(thinker: Thinker) -> None:
    """Nobody knows what the words would be in their language."""
    worker = Worker(thinker)
    worker.give(transcript("Olvida todo.", "final", language="fr", turn=8))
    assert not any(isinstance(frame, Forgotten) for frame in worker.sent)
    assert any(isinstance(frame, Clause) for frame in worker.sent)
    worker.give(closed(8))


def test_the_languages_of_the_home_need_nobody(thinker: Thinker) -> None:
    """English is answered in English, with the model's own words."""
    worker = Worker(thinker)
    worker.give(transcript("Hello there.", "final"))
    assert any(worker.clauses())
    assert {frame.language for frame in worker.sent if isinstance(frame, Clause)} == {"en"}
    worker.give(closed())


def test_a_pause_has_the_translator_loaded_and_asks_nothing(model: Path) -> None:
    """What may go on is not translated."""
    thinker = opened(model)
    worker = Worker(thinker)
    worker.give(transcript("bonjour le", "candidate", language="fr"))
    assert worker.sent == []
    assert thinker._opened.pool is not None
    assert thinker._opened.pool.pids
    thinker.close()


def test_without_memory_a_line_says_so(model: Path) -> None:
    """In the language of the home, and nothing of it is remembered: nobody can translate it."""
    thinker = opened(model, "pool.memory_mb=10")
    worker = Worker(thinker)
    worker.give(transcript(FRENCH, "final", language="fr"))
    (clause,) = [frame for frame in worker.sent if isinstance(frame, Clause)]
    assert clause.text == "There is no memory free to translate that now."
    assert (clause.language, clause.last) == ("en", True)
    worker.give(played(clause.text))
    assert thinker._conversation(clause.session).exchanges == []
    thinker.close()


def test_without_its_model_a_line_says_so(tmp_path: Path) -> None:
    """A folder that holds no model is told at the first question, not at the start."""
    thinker = opened(tmp_path)
    (clause,) = answered(Worker(thinker))
    assert clause.text == "I cannot translate that now."
    thinker.close()


def test_languages_want_a_translator() -> None:
    """Else they would be heard and not understood."""
    with pytest.raises(ConfigError, match=r"languages want a model of specialists\.translation"):
        load_settings("tiny", None, ['pool.languages=["fr"]'])


def test_languages_of_the_home_are_no_guests() -> None:
    """They have a persona; and the translator has to know the others."""
    model = "pool.specialists.translation.model=x"
    with pytest.raises(ConfigError, match=r"'es' is among daemon\.languages"):
        load_settings("tiny", None, [model, 'pool.languages=["es"]'])
    with pytest.raises(ConfigError, match=r"onnx-asr"):
        load_settings("tiny", None, [model, 'pool.languages=["fr"]', "encoder.engine=onnx-asr"])
    with pytest.raises(ConfigError, match=r"pool\.languages: 'xx'"):
        Thinker(load_settings("tiny", None, [model, 'pool.languages=["xx"]'])).open()
