from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from benchmarks.turn_recordings import Marks, Question
from benchmarks.turn_waterfall import Scene, Work, draw, works_of
from bus.frames import AnyFrame, Clause, SpeechChunk, SpeechEnded, SpeechPaused, Transcript

CLOCK_S: Final = 10.0


def at(ms: int) -> int:
    """Return the hub's stamp of a moment on the room's time line."""
    return int(CLOCK_S * 1e9) + ms * 1_000_000


def frames() -> list[AnyFrame]:
    """Return a turn whose first guess was wrong."""
    one: dict[str, Any] = {"session": "home", "turn": 3}
    said: dict[str, Any] = {"language": "en", "index": 0, "text": "Yes, it is."}
    listed: list[AnyFrame] = []
    for seq, revision, began in ((1, 1, 1_000), (10, 2, 2_000)):
        listed += [
            SpeechPaused(
                **one, seq=seq, at_ns=at(began), revision=revision, sample=1, speech_end_sample=1
            ),
            Transcript(
                **one, **said, seq=seq + 1, at_ns=at(began + 100), revision=revision,
                state="candidate",
            ),
            Clause(
                **one, **said, seq=seq + 2, at_ns=at(began + 250), revision=revision, last=True
            ),
        ]  # fmt: skip
    listed += [
        SpeechChunk(
            **one, seq=13, at_ns=at(2_300), revision=2, clause=0, clause_text="Yes", rate=22_050,
            first_sample=0, pcm=b"\0\0", clause_last=True, last=True,
        ),
        SpeechEnded(
            **one, seq=14, at_ns=at(2_310), revision=2, sample=2, speech_end_sample=1,
            reason="silence",
        ),
    ]  # fmt: skip
    return listed


def test_each_stage_works_from_its_input_to_its_output() -> None:
    """Transcript, clause and sound of the confirmed guess follow one another without a hole."""
    heard = [work for work in works_of(frames(), CLOCK_S, 3) if work.heard]
    spans = [(w.lane, round(w.from_s, 3), round(w.to_s, 3)) for w in heard]
    assert spans == [
        ("capture", 2.0, 2.0),
        ("encoder", 2.0, 2.1),
        ("thinker", 2.1, 2.25),
        ("talker", 2.25, 2.3),
        ("capture", 2.31, 2.31),
    ]


def test_work_for_a_wrong_guess_is_told_apart() -> None:
    """What was made for the first revision was not heard."""
    unheard = [work for work in works_of(frames(), CLOCK_S, 3) if not work.heard]
    assert [work.lane for work in unheard] == ["capture", "encoder", "thinker"]
    assert works_of(frames(), CLOCK_S, 4) == []


def test_the_picture_is_drawn_twice(tmp_path: Path) -> None:
    """One SVG and one PNG of the same figure."""
    question = Question(Marks("a.wav", "", "en", "Is it?", 0, 1_000), 1.0, 2.0)
    sound = np.zeros(16_000 * 5, np.float32)
    works = [Work("encoder", 2.1, 2.2, heard=True, label="transcript")]
    draw(Scene(question, sound, sound, works, 2.5), tmp_path / "docs" / "turn")
    with Image.open(tmp_path / "docs" / "turn.png") as picture:
        assert picture.width > 800
    assert "<svg" in (tmp_path / "docs" / "turn.svg").read_text(encoding="utf-8")
