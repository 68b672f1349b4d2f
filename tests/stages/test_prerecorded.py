from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bus.frames import Notice
from bus.notices import ON_FILE, Why
from stages.prerecorded import prerecorded


def test_every_line_that_is_to_be_on_file_is() -> None:
    """In both languages, and no other."""
    folder = Path(__file__).parents[2] / "config" / "lines"
    lines = {f"{reason}.{language}.flac" for reason in ON_FILE for language in ("en", "es")}
    assert {path.name for path in folder.iterdir()} == lines


@pytest.mark.parametrize(
    ("reason", "language", "spoken_s"),
    [
        ("talker_lost", "en", 2.9), ("talker_lost", "es", 3.4), ("talker_lost", "fr", 2.9),
        ("thinker_lost", "en", 2.9), ("thinker_lost", "es", 4.0),
        ("encoder_lost", "en", 3.6), ("encoder_lost", "es", 5.1),
    ],
)  # fmt: skip
def test_a_line_is_on_file_in_each_language(reason: Why, language: str, spoken_s: float) -> None:
    """English where there is none; the sound is loud enough and ends."""
    notice = Notice(
        session="home", turn=1, revision=2, text="…", language=language, reason=reason,
        prerecorded=True,
    )  # fmt: skip
    sound, end = prerecorded(notice)
    pcm = np.frombuffer(sound.pcm, "<i2")
    assert len(pcm) / sound.rate == pytest.approx(spoken_s, abs=0.1)
    assert np.abs(pcm).max() > 10_000
    assert (end.last, end.clause_last, end.first_sample) == (True, True, len(pcm))
    assert (sound.turn, sound.revision, sound.clause_text) == (1, 2, "…")
