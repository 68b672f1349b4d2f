from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from bus.frames import Passage, Recalled
from stages.recollection import Recollection
from stages.source_requests import asks_for_source
from tests.stages.thinking import SESSION, transcript

KEY = Passage(id=1, source="", text="The spare key is under the blue pot.")
LAMP = Passage(id=2, source="lamps.txt, page 2", text="The kitchen lamp is broken.")


class Notes:
    """Finds what has a word in common; counts how often it was asked."""

    def __init__(self, *passages: Passage) -> None:
        self.passages = passages
        self.asked = 0

    def find(self, text: str, _latent: Sequence[float]) -> list[Passage]:
        """Return the passages that share a word with `text`."""
        self.asked += 1
        words = set(text.lower().strip("?").split())
        return [each for each in self.passages if words & set(each.text.lower().split())]


def recollection(notes: Notes, most_tokens: int = 100) -> Recollection:
    return Recollection(
        notes.find, lambda passage: len(passage.text.split()), most_tokens, lambda _language: "told"
    )


def test_the_same_words_are_looked_up_once() -> None:
    """Partial, candidate and final transcript of the same words; until the notes change."""
    notes = Notes(KEY, LAMP)
    found = recollection(notes)
    for state in ("partial", "candidate", "final"):
        assert found.passages(transcript("Where is the key?", state)) == (KEY, LAMP)
    assert notes.asked == 1
    notes.passages = (LAMP,)
    found.changed()
    assert found.passages(transcript("Where is the key?", "final")) == (LAMP,)


def test_without_time_nothing_is_looked_up() -> None:
    """Nor is it said that no note tells: nobody has looked. What was told already stands."""
    notes = Notes(KEY)
    found = recollection(notes)
    found.learn(Recalled(session=SESSION, turn=2, revision=1, passages=(LAMP,)))
    found.looks_up = False
    asked = transcript("Where is my key?", "final")
    assert (found.lines(asked), found.to_tell(asked), notes.asked) == (None, None, 0)
    assert found.passages(transcript("Where is my key?", "final", turn=2)) == (LAMP,)
    found.looks_up = True
    assert found.lines(asked) == [KEY.text]


def test_the_best_that_fit_are_read() -> None:
    """The budget is in tokens; nothing worse is taken for being shorter."""
    short = Passage(id=3, source="", text="key")
    found = recollection(Notes(KEY, LAMP, short), most_tokens=10)
    assert found.passages(transcript("is the key", "final")) == (KEY,)


def test_the_log_is_told_once_and_of_nothing_nothing() -> None:
    """Again with another revision, whose words may be others."""
    found = recollection(Notes(KEY))
    asked = transcript("Where is the key?", "candidate")
    told = found.to_tell(asked)
    assert told is not None
    assert told.passages == (KEY,)
    assert found.to_tell(asked) is None
    assert found.to_tell(replace(asked, revision=2)) is not None
    assert found.to_tell(transcript("Why?", "final")) is None


def test_what_was_found_before_is_taken_for_given() -> None:
    """By a predecessor, or when it was recorded: the notes may be others now."""
    notes = Notes()
    found = recollection(notes)
    found.learn(Recalled(session=SESSION, turn=1, revision=1, passages=(LAMP,)))
    assert found.passages(transcript("Where is the key?", "final")) == (LAMP,)
    assert notes.asked == 0


def test_a_question_about_this_home_should_have_a_note() -> None:
    """Where there is none the prompt says so; the world is in no note."""
    found = recollection(Notes())
    assert found.lines(transcript("What is the code of our alarm?", "final")) == []
    assert found.lines(transcript("How tall is the Eiffel tower?", "final")) is None


def test_who_asks_for_it_is_told_the_source() -> None:
    """Of the last answer; a note that somebody told has one, too."""
    found = recollection(Notes(KEY, LAMP))
    asked = transcript("is it broken?", "final")
    found.to_tell(asked)
    assert found.lines(asked) == [
        "The spare key is under the blue pot.",
        "The kitchen lamp is broken.",
    ]
    again = transcript("How do you know that?", "final", turn=2)
    assert found.lines(again) == [
        "The spare key is under the blue pot. (told)",
        "The kitchen lamp is broken. (lamps.txt, page 2)",
    ]
    found.to_tell(transcript("Why?", "final", turn=3))
    assert found.lines(transcript("Says who?", "final", turn=4)) is None


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        ("¿De dónde lo sabes?", True),
        ("¿Y cómo lo sabes?", True),
        ("¿Quién te lo ha dicho?", True),
        ("Where did you get that from?", True),
        ("How do you know?", True),
        ("How do you know when the pasta is done?", False),
        ("¿De dónde viene el aceite?", False),
        ("Who told you the code of the alarm?", False),
    ],
)
def test_asking_for_a_source_is_told_from_other_questions(words: str, asks: bool) -> None:  # noqa: FBT001 - a table
    """It is about the last answer, and nothing else is named."""
    assert asks_for_source(words) is asks
