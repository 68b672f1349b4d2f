"""Spoken questions about a household in, how many answers hold what its notes say out.

`bench grounded`: questions of benchmarks/household are spoken by a voice, written down by Whisper,
answered by the thinker with all the notes in its store, in one generation and in three passes, by
the same model. Scored: an answer holds the note's fact; one for which there is no note says so.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from benchmarks.figures import Figures, lines_of
from benchmarks.grounded_score import admits, holds
from benchmarks.household_set import Question, read_notes, read_questions
from benchmarks.minds import Said, ThreePasses, one_generation
from benchmarks.spoken_questions import SpokenQuestions
from config.load import load_settings
from config.settings import Settings
from models.notes import open_notes
from stages.thinker import Thinker

_MODEL: Final = "qwen2.5-coder-0.5b"


class Asked(Struct, frozen=True):
    """A question and what came of it."""

    question: Question
    heard: str
    one: Said
    three: Said | None


def main(argv: Sequence[str] | None = None) -> int:
    """Ask and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="bench grounded", description=__doc__)
    parser.add_argument("--model", default=_MODEL, help="id or path of a GGUF")
    parser.add_argument("--questions", type=int, default=60, help="that a note answers")
    parser.add_argument("--unanswerable", type=int, default=30)
    parser.add_argument("--written", action="store_true", help="do not speak them: text goes in")
    parser.add_argument("--one", action="store_true", help="leave the three passes out")
    parser.add_argument("--set", action="append", default=[], metavar="K=V")
    parser.add_argument("--list", action="store_true", help="show each answer")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        options = [f"memory.path={folder}/notes.db", f"thinker.model={arguments.model}"]
        settings = load_settings("offline", None, [*options, *arguments.set])
        _fill(settings)
        chosen = _chosen(arguments.questions, arguments.unanswerable)
        asked = _asked(chosen, settings, spoken=not arguments.written, one=arguments.one)
    if arguments.list:
        for each in asked:
            print(_line(each))
    figures: Figures = {"model": Path(arguments.model).name, "one generation": _figures(asked, 0)}
    if not arguments.one:
        figures["three passes"] = _figures(asked, 1)
        figures["first clause, times sooner"] = _ratio(asked)
    print(json.dumps(figures) if arguments.json else "\n".join(lines_of(figures)))
    return 0


def _fill(settings: Settings) -> None:
    notes = open_notes(settings)
    for note in read_notes():
        notes.remember(note.text, note.lang)
    notes.close()


def _chosen(answerable: int, unanswerable: int) -> list[Question]:
    """Return every n-th question of both kinds, so that languages and topics are mixed."""
    questions = [each for each in read_questions() if not each.world]
    found: list[Question] = []
    for wanted, count in ((True, answerable), (False, unanswerable)):
        kind = [each for each in questions if bool(each.note) == wanted]
        step = max(1.0, len(kind) / max(1, count))
        found += [kind[int(at * step)] for at in range(min(count, len(kind)))]
    return found


def _asked(
    questions: Sequence[Question], settings: Settings, *, spoken: bool, one: bool
) -> list[Asked]:
    """Ask each in a session of its own: no answer is helped by another."""
    hear = SpokenQuestions(settings, spoken=spoken)
    transcripts = [
        hear.transcript(each.text, each.lang, at) for at, each in enumerate(questions, 1)
    ]
    thinker = Thinker(settings)
    thinker.open()
    three = None if one else ThreePasses(thinker, settings)
    found = []
    for each, transcript in zip(questions, transcripts, strict=True):
        said = one_generation(thinker, transcript)
        passes = None if three is None else three.answer(transcript)
        found.append(Asked(question=each, heard=transcript.text, one=said, three=passes))
    thinker.close()
    return found


def _figures(asked: Sequence[Asked], which: int) -> dict[str, Any]:
    said = [(each, (each.one, each.three)[which]) for each in asked]
    pairs = [(each.question, answer) for each, answer in said if answer is not None]
    grounded = [holds(answer.text, ask.fact) for ask, answer in pairs if ask.note]
    honest = [admits(answer.text) for ask, answer in pairs if not ask.note]
    return {
        "fact in the answer": _share(grounded),
        "nothing invented": _share(honest),
        "first clause ms": statistics.median(answer.first_clause_ms for _, answer in pairs),
        "whole answer ms": statistics.median(answer.whole_ms for _, answer in pairs),
    }


def _share(flags: Sequence[bool]) -> str:
    return f"{sum(flags)} of {len(flags)} ({sum(flags) / max(1, len(flags)):.0%})"


def _ratio(asked: Sequence[Asked]) -> float:
    ratios = [each.three.first_clause_ms / each.one.first_clause_ms for each in asked if each.three]
    return statistics.median(ratios)


def _line(each: Asked) -> str:
    mark = "note" if each.question.note else "none"
    good = holds(each.one.text, each.question.fact) if each.question.note else admits(each.one.text)
    three = f"\n      3: {each.three.text}" if each.three else ""
    return (
        f"{'ok ' if good else 'BAD'} {mark} [{each.one.passages}] {each.heard} "
        f"{each.question.fact}\n      1: {each.one.text}{three}"
    )


if __name__ == "__main__":
    sys.exit(main())
