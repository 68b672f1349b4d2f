from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.household_set import FOLDER, OTHER_FOLDER, read_notes, read_questions


@pytest.mark.parametrize("folder", [FOLDER, OTHER_FOLDER], ids=lambda folder: folder.name)
def test_each_question_asks_for_one_note_of_its_set(folder: Path) -> None:
    """Ids and texts once each, both languages, a third of the questions across."""
    notes, questions = read_notes(folder), read_questions(folder)
    ids = {note.id for note in notes}
    assert len(ids) == len(notes) >= 120
    assert len({question.text for question in questions}) == len(questions) >= 180
    asked = [question for question in questions if question.note]
    assert {question.note for question in asked} <= ids
    assert all(question.fact for question in asked)
    assert sum(question.is_across for question in asked) >= len(asked) / 3.1
    assert {note.lang for note in notes} == {question.lang for question in questions}


def test_the_other_author_s_notes_are_others() -> None:
    """Nothing of them can have been fitted to."""
    assert not {n.id for n in read_notes()} & {n.id for n in read_notes(OTHER_FOLDER)}
    assert not {n.text for n in read_notes()} & {n.text for n in read_notes(OTHER_FOLDER)}
