"""Measure how well and how fast the household's notes are found: `bench retrieval`.

Recall@3 over benchmarks/household, in the question's language and across, and over another
author's questions; what the least score lets through; the time of a search among 10,000 and
100,000 passages; the time of an embedding.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.figures import Figures, lines_of
from benchmarks.household_set import (
    OTHER_FOLDER,
    Note,
    Question,
    held,
    read_notes,
    read_questions,
)
from benchmarks.made_up_passages import made_up
from config.load import load_settings
from config.settings import Settings
from models.notes import Notes, open_notes
from models.notes.database import open_database
from models.notes.passages import Paragraph
from models.notes.shelf import Shelf
from models.protocols import Float32Array
from models.sentence_encoder import SentenceEncoder, open_sentence_encoder

_WITHIN = 3
_SIZES = (10_000, 100_000)
_FOUND_AS_IS = 0.92
_FOUND_ACROSS = 0.80
_MOST_MS = {10_000: 15.0, 100_000: 40.0}


def main(arguments: Sequence[str]) -> int:
    """Measure; print figures; return an exit code."""
    parser = argparse.ArgumentParser(prog="bench retrieval")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--most", type=int, default=max(_SIZES), help="passages, at most")
    parser.add_argument("--misses", action="store_true", help="name each question that fails")
    parser.add_argument("--set", action="append", default=[], metavar="K=V")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            "default",
            None,
            [*options.set, f"memory.path={folder}/notes.db", "memory.least_score=0"],
        )
        figures = _measure(settings, options.most, misses=options.misses)
    print(msgspec.json.encode(figures).decode() if options.json else "\n".join(lines_of(figures)))
    return 0


def _measure(settings: Settings, most: int, *, misses: bool) -> Figures:
    encoder = open_sentence_encoder(settings)
    if encoder is None:
        raise SystemExit("[memory] embedding names no model")
    notes, questions = read_notes(), read_questions()
    latents = {question.text: encoder.embed(question.text) for question in questions}
    store = open_notes(settings)
    numbers = {store.remember(note.text, note.lang): note.id for note in notes}
    found = _found(store, numbers, latents)
    figures: Figures = {
        "embedding ms, 12 words": _spread(_embedding_ms(encoder, questions)),
        "recall@3": _recalls(questions, found),
        "least score": _trade_off(questions, found),
    }
    if misses:
        figures["misses"] = _misses(notes, questions, found)
    figures["recall@3, another author's questions"] = _others(store, numbers, encoder)
    for size in (size for size in _SIZES if size <= most):
        _fill(Path(settings.memory.path), size - store.count())
        figures[f"search ms, {size:,} passages"] = {
            **_spread(_search_ms(store, questions, latents)),
            "bar p95": _MOST_MS[size],
        }
        figures[f"file MB, {size:,} passages"] = Path(settings.memory.path).stat().st_size / 1e6
    store.close()
    return figures


def _others(store: Notes, numbers: dict[int, str], encoder: SentenceEncoder) -> Figures:
    """Return the recall for another author's questions, whose notes are added to the store."""
    questions = read_questions(OTHER_FOLDER)
    latents = {question.text: encoder.embed(question.text) for question in questions}
    added = {store.remember(note.text, note.lang): note.id for note in read_notes(OTHER_FOLDER)}
    found = _found(store, numbers | added, latents)
    figures: Figures = {"notes": store.count()}
    for name, across in (("same language", False), ("across", True)):
        asked = [each for each in questions if each.note and each.is_across is across]
        figures[name] = {"all": _recall(asked, found), "questions": len(asked)}
    return figures


def _found(
    store: Notes, numbers: dict[int, str], latents: dict[str, Float32Array]
) -> dict[str, list[tuple[str, float]]]:
    """Return the notes that are found for each question, and their scores."""
    return {
        text: [
            (numbers.get(each.id, ""), each.score) for each in store.recall(text, latent, _WITHIN)
        ]
        for text, latent in latents.items()
    }


def _recalls(questions: Iterable[Question], found: dict[str, list[tuple[str, float]]]) -> Figures:
    figures: Figures = {}
    for name, across, bar in (
        ("same language", False, _FOUND_AS_IS),
        ("across", True, _FOUND_ACROSS),
    ):
        asked = [each for each in questions if each.note and each.is_across is across]
        figures[name] = {
            **{
                half: _recall([q for q in asked if held(q.note) in wanted], found)
                for half, wanted in (("held", (True,)), ("dev", (False,)), ("all", (True, False)))
            },
            "questions": len(asked),
            "bar": bar,
        }
    return figures


def _recall(asked: Sequence[Question], found: dict[str, list[tuple[str, float]]]) -> float:
    return sum(each.note in dict(found[each.text]) for each in asked) / len(asked)


def _trade_off(questions: Sequence[Question], found: dict[str, list[tuple[str, float]]]) -> Figures:
    """Return, by least score, what is kept of held answers and how often nothing is found.

    Nothing should be where no note answers: to questions about the house, and about the world.
    """
    figures: Figures = {}
    asked = [each for each in questions if each.note and held(each.note)]
    nothing = {
        "nothing found, house": [each for each in questions if not each.note and not each.world],
        "nothing found, world": [each for each in questions if not each.note and each.world],
    }
    for least in (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4):
        kept = [dict(found[q.text]).get(q.note, -1.0) >= least for q in asked]
        figures[f"{least:.2f}"] = {
            "right passage kept": sum(kept) / len(kept),
            **{
                name: sum(all(score < least for _, score in found[q.text]) for q in of) / len(of)
                for name, of in nothing.items()
            },
        }
    return figures


def _misses(
    notes: Iterable[Note], questions: Iterable[Question], found: dict[str, list[tuple[str, float]]]
) -> Figures:
    texts = {note.id: note.text for note in notes}
    return {
        question.text: texts[question.note]
        for question in questions
        if question.note and question.note not in dict(found[question.text])
    }


def _embedding_ms(
    encoder: SentenceEncoder, questions: Iterable[Question]
) -> list[tuple[float, float]]:
    texts = [" ".join((question.text.split() * 12)[:12]) for question in questions]
    return [_timed_ms(partial(encoder.embed, text)) for text in texts]


def _search_ms(
    store: Notes, questions: Iterable[Question], latents: dict[str, Float32Array]
) -> list[tuple[float, float]]:
    return [
        _timed_ms(partial(store.recall, question.text, latents[question.text], _WITHIN))
        for question in questions
    ]


def _fill(path: Path, passages: int) -> None:
    """Add made-up passages, with made-up vectors: their embedding would take minutes."""
    shelf = Shelf(open_database(path, "", 64), path)
    with shelf.changing():
        for text, language, vector in made_up(passages, passages):
            shelf.insert(Paragraph(text), document=None, language=language, vector=vector)
    shelf.connection.close()


def _timed_ms(step: Callable[[], object]) -> tuple[float, float]:
    """Return how long a step took, and how much of that this thread was at work."""
    began_s, at_work_s = time.perf_counter(), time.thread_time()
    step()
    return (time.perf_counter() - began_s) * 1_000, (time.thread_time() - at_work_s) * 1_000


def _spread(times_ms: Sequence[tuple[float, float]]) -> Figures:
    """Return medians and 95th percentiles; "cpu" is what another program cannot lengthen."""
    wall, cpu = np.array(times_ms).T
    return {
        "p50": float(np.median(wall)),
        "p95": float(np.quantile(wall, 0.95)),
        "cpu p50": float(np.median(cpu)),
        "cpu p95": float(np.quantile(cpu, 0.95)),
    }
