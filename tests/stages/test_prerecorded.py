from __future__ import annotations

import numpy as np
import pytest

from bus.frames import Notice
from stages.prerecorded import prerecorded


@pytest.mark.parametrize(("language", "spoken_s"), [("en", 2.9), ("es", 3.4), ("fr", 2.9)])
def test_a_line_is_on_file_in_each_language(language: str, spoken_s: float) -> None:
    """English where there is none; the sound is loud enough and ends."""
    notice = Notice(
        session="home", turn=1, revision=2, text="…", language=language, reason="talker_lost",
        prerecorded=True,
    )  # fmt: skip
    sound, end = prerecorded(notice)
    pcm = np.frombuffer(sound.pcm, "<i2")
    assert len(pcm) / sound.rate == pytest.approx(spoken_s, abs=0.1)
    assert np.abs(pcm).max() > 10_000
    assert (end.last, end.clause_last, end.first_sample) == (True, True, len(pcm))
    assert (sound.turn, sound.revision, sound.clause_text) == (1, 2, "…")
