"""What a successor still owes when its predecessor died between its last output and Done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bus.frames import (
    AnyFrame,
    Clause,
    Done,
    Order,
    Played,
    SpeechChunk,
    SpeechEnded,
    StageName,
    Transcript,
    Welcome,
)
from config.session import Session
from config.settings import Settings
from stages.factory import build
from stages.playback import Playback, build_playback

ENDED = SpeechEnded(
    session="s", turn=3, revision=2, sample=9_600, speech_end_sample=1_600, reason="silence"
)
FINAL = Transcript(
    session="s", turn=3, revision=2, index=0, text="what is the time", language="en", state="final"
)
CLAUSE = Clause(session="s", turn=3, revision=2, index=0, text="Noon.", language="en", last=True)
CHUNK = SpeechChunk(
    session="s", turn=3, revision=2, clause=0, clause_text="Noon.", first_sample=0, rate=16_000,
    pcm=b"\1\0" * 320, clause_last=True, last=True,
)  # fmt: skip
PLAYED = Played(
    session="s", turn=3, revision=2, clause=0, samples=320, rate=16_000, text="Noon.",
    clock_sample=9_920, first_clock_sample=9_600, last=True,
)  # fmt: skip
SESSION = Session(recordings=("any.wav",), realtime=False, room="")
WELCOME = Welcome(next_turn=4, clock_sample=9_920)


@pytest.mark.parametrize(
    ("name", "inputs", "sent"),
    [
        ("encoder", [ENDED], [FINAL]),
        ("thinker", [ENDED, FINAL, PLAYED], [CLAUSE]),
        ("talker", [CLAUSE, PLAYED], [CHUNK]),
        ("playback", [ENDED, CHUNK], [PLAYED]),
    ],
)
def test_done_is_said_though_the_work_was_over(
    name: StageName,
    inputs: Sequence[AnyFrame],
    sent: Sequence[AnyFrame],
    settings: Settings,
    tmp_path: Path,
) -> None:
    """Else the turn would wait for its deadline, and be apologised for after its answer."""
    stage = build(name, settings, SESSION, WELCOME, tmp_path)
    stage.resume(inputs, sent)
    assert stage.due_ms() == 0.0
    assert next(iter(stage.idle())) == Done(session="s", turn=3, revision=2, stage=name)


def test_playback_waits_for_the_clock_it_plays_on(settings: Settings, tmp_path: Path) -> None:
    """A successor may be given its turn before it is told when the capture clock began."""
    stage: Playback = build_playback(settings, SESSION, tmp_path)
    stage.open()
    stage.resume([ENDED], [])
    assert list(stage.handle(CHUNK)) == []
    assert stage.due_ms() is None
    stage.obey(Order(kind="start", clock_ns=1))
    said: list[AnyFrame | None] = []
    while stage.due_ms() == 0.0:
        said += stage.idle()
    reports = [frame for frame in said if isinstance(frame, Played)]
    assert [report.text for report in reports if report.last] == ["Noon."]
    stage.close()
