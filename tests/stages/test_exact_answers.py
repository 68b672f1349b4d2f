"""Questions whose answers are on file, in the words of the file and in others."""

from __future__ import annotations

from pathlib import Path

import pytest

from bus.frames import Clause
from config.errors import ConfigError
from config.load import load_settings
from stages.exact_answers import read_exact_answers
from stages.thinker import Thinker
from tests.stages.thinking import Worker, closed, transcript

ON_FILE = """
[en]
"What's your name?" = "I am Sarai."
[es]
"¿Cómo te llamas?" = "Me llamo Sarai."
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "answers.toml"
    written.write_text(ON_FILE, encoding="utf-8")
    return written


def test_the_same_words_have_the_same_answer(path: Path) -> None:
    """Case, accents and marks do not count; other words, and other languages, do."""
    answers = read_exact_answers(str(path))
    assert answers.answer("como te llamas", "es") == "Me llamo Sarai."
    assert answers.answer("What\u2019s your name.", "en") == "I am Sarai."
    assert answers.answer("What's your name?", "es") is None
    assert answers.answer("What's your name again?", "en") is None


def test_without_a_file_nothing_is_known() -> None:
    """As shipped: the model answers all."""
    assert load_settings("default").thinker.exact_answers == ""
    assert read_exact_answers("").answer("What's your name?", "en") is None


def test_a_broken_file_is_named_in_one_line(path: Path) -> None:
    """With what it should hold."""
    for text in (
        b"[en",
        b"en = 3",
        b'[en]\n"?" = "Yes."',
        b'[en]\n"Why?" = ""',
        b'[es]\n"\xbfD\xf3nde?" = "x"',
    ):
        path.write_bytes(text)
        with pytest.raises(ConfigError, match=r"thinker\.exact_answers: .*answers\.toml: .*\[en\]"):
            read_exact_answers(str(path))
    with pytest.raises(ConfigError, match="nowhere"):
        read_exact_answers(str(path.with_name("nowhere")))


def test_no_token_is_drawn_for_what_is_on_file(path: Path) -> None:
    """A guess is answered too; when the user goes on it is forgotten."""
    options = [f"thinker.exact_answers={path}", "memory.look_up=false", "thinker.most_tokens=8"]
    thinker = Thinker(load_settings("tiny", None, options))
    thinker.open()
    worker = Worker(thinker)
    worker.give(transcript("What's your name?", "candidate"))
    assert (worker.clauses(), worker.steps) == (["I am Sarai."], 0)
    worker.give(transcript("What's your name? I forgot.", "final", revision=2))
    assert "I am Sarai." not in worker.clauses(revision=2)
    assert any(isinstance(frame, Clause) and frame.revision == 2 for frame in worker.sent)
    wish = "What's your name? Remember that the key is under the mat."
    worker.give(transcript(f"Please remember that {wish}", "final", revision=3))
    assert worker.clauses(revision=3) == ["I could not write that down."]
    worker.give(closed())
    thinker.close()
