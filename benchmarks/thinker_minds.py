"""A model file in; one generation beside three passes out: how soon they speak, what they hold.

The same questions about the same household, in turns; the words count in `bench grounded`.
"""

from __future__ import annotations

import statistics
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
import psutil  # type: ignore[import-untyped]

from benchmarks.household_set import read_notes, read_questions
from benchmarks.minds import ThreePasses, one_generation
from benchmarks.spoken_questions import SpokenQuestions
from config.settings import Settings
from models.notes import open_notes
from stages.thinker import Thinker

_QUESTIONS: Final = 12
SCRIPT: Final = "It is in the cupboard in the hall, behind the coats, as far as I know."
"""What random weights are made to say."""


def measure_minds(model: Path, settings: Settings, *, random: bool) -> dict[str, Any]:
    """Return medians of both ways, and of the ratio question by question."""
    with TemporaryDirectory() as folder:
        replace = msgspec.structs.replace
        thinker = replace(
            settings.thinker, model=str(model), script=SCRIPT if random else "", most_tokens=48
        )
        memory = replace(settings.memory, path=f"{folder}/notes.db")
        settings = replace(settings, thinker=thinker, memory=memory)
        notes = open_notes(settings)
        for note in read_notes():
            notes.remember(note.text, note.lang)
        notes.close()
        return _measured(settings)


def _measured(settings: Settings) -> dict[str, Any]:
    asked = [each for each in read_questions() if each.note]
    asked = asked[:: len(asked) // _QUESTIONS][:_QUESTIONS]
    hear = SpokenQuestions(settings, spoken=False)
    thinker = Thinker(settings)
    thinker.open()
    three = ThreePasses(thinker, settings)
    pairs = []
    for number, each in enumerate(asked):
        transcript = hear.transcript(each.text, each.lang, number)
        pairs.append((one_generation(thinker, transcript), three.answer(transcript)))
    pss_mb = psutil.Process().memory_full_info().pss / 1e6
    thinker.close()
    return {
        "one_generation_first_clause_ms": statistics.median(a.first_clause_ms for a, _ in pairs),
        "three_passes_first_clause_ms": statistics.median(b.first_clause_ms for _, b in pairs),
        "three_passes_to_one": statistics.median(
            b.first_clause_ms / a.first_clause_ms for a, b in pairs
        ),
        "both_with_one_model_mb": pss_mb,
    }
