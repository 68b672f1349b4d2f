"""Playback in real time, with somebody who speaks over the answer; the room is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from bus.frames import (
    AnyFrame,
    Cancel,
    Closed,
    Order,
    Played,
    SourceEnded,
    SpeechChunk,
    SpeechEnded,
    SpeechStarted,
)
from config.session import Session
from config.settings import Settings
from models.protocols import Int16Array
from stages.outlet import Outlet
from stages.playback import Playback

RATE = 16_000
LEVEL = 8_000


class Room:
    """Playback into a recording, on a clock that is set by hand."""

    def __init__(self, settings: Settings, path: Path) -> None:
        self.now_sample = RATE
        self._path = path
        session = Session(recordings=("any.wav",), realtime=True, room=str(path))
        outlet = Outlet(
            settings.playback, session, began=path.with_name("began"), now_ns=self._now_ns
        )
        self.stage = Playback(outlet, settings.barge_in, block_ms=settings.playback.block_ms)
        self.stage.open()
        self.stage.obey(Order(kind="start", clock_ns=0))

    def _now_ns(self) -> int:
        return self.now_sample * 1_000_000_000 // RATE

    def give(self, *frames: AnyFrame) -> list[AnyFrame]:
        """Return what playback says to `frames`."""
        return [said for frame in frames for said in self.stage.handle(frame) if said is not None]

    def let_play(self, ms: int) -> None:
        """Let time go by in steps of 20 ms."""
        for _ in range(ms // 20):
            self.now_sample += 320
            list(self.stage.idle())

    def sound(self) -> Int16Array:
        """Return what was heard in the room."""
        self.give(SourceEnded(clock_sample=self.now_sample, turns=2))
        self.stage.close()
        pcm: Int16Array = sf.read(self._path, dtype="int16")[0]
        return pcm


@pytest.fixture
def room(settings: Settings, tmp_path: Path) -> Iterator[Room]:
    room = Room(settings, tmp_path / "room.wav")
    yield room
    room.stage.close()


def answer(turn: int = 1, *, samples: int = 2 * RATE) -> SpeechChunk:
    return SpeechChunk(
        session="s", turn=turn, revision=1, clause=0, clause_text="a long answer", rate=RATE,
        first_sample=0, pcm=np.full(samples, LEVEL, "<i2").tobytes(), clause_last=True, last=True,
    )  # fmt: skip


def ended(turn: int = 1) -> SpeechEnded:
    return SpeechEnded(
        session="s", turn=turn, revision=1, sample=8_000, speech_end_sample=4_000, reason="model"
    )


def started(turn: int) -> SpeechStarted:
    return SpeechStarted(session="s", turn=turn, sample=0)


def test_sound_that_waited_is_heard_the_moment_its_turn_is_confirmed(room: Room) -> None:
    """It begins with the frame that confirms it, not with the next round of the loop."""
    room.give(answer())
    room.let_play(100)
    confirmed_at = room.now_sample
    room.give(ended())
    room.let_play(20)
    assert np.flatnonzero(room.sound())[0] == confirmed_at


def test_it_is_ducked_and_comes_back_where_it_is(room: Room, settings: Settings) -> None:
    """From the first sound of the next turn until that is closed without words."""
    room.give(answer(), ended())
    room.let_play(60)
    ducked_at = room.now_sample
    room.give(started(2))
    room.let_play(100)
    back_at = room.now_sample
    room.give(Closed(session="s", turn=2, reason="no_words"))
    room.let_play(100)
    sound = room.sound()
    ramp = settings.barge_in.duck_ramp_ms * RATE // 1000
    assert np.all(sound[RATE : ducked_at + 1] == LEVEL)
    soft = round(LEVEL * settings.barge_in.duck_gain)
    assert np.all(sound[ducked_at + ramp : back_at + 1] == soft)
    assert np.all(sound[back_at + ramp :] == LEVEL)


def test_an_answer_that_begins_while_somebody_speaks_begins_softly(
    room: Room, settings: Settings
) -> None:
    """The user went on after all: nobody shouts them down."""
    room.give(started(2), answer(), ended())
    room.let_play(40)
    assert room.sound().max() == round(LEVEL * settings.barge_in.duck_gain)


def test_words_silence_it_within_10_ms(room: Room) -> None:
    """And what was heard until then is reported."""
    room.give(answer(), ended())
    room.let_play(60)
    room.give(started(2))
    cancelled_at = room.now_sample
    said = room.give(Cancel(session="s", turn=1, revision=1, whole_turn=True, reason="barge_in"))
    reports = [frame for frame in said if isinstance(frame, Played)]
    assert reports[0].last
    assert reports[0].clock_sample <= cancelled_at + RATE // 100
    room.let_play(40)
    assert np.flatnonzero(room.sound())[-1] < cancelled_at + RATE // 100


def test_a_later_answer_is_loud_again(room: Room) -> None:
    """Whoever spoke over the one before is the one who is answered."""
    room.give(answer(), ended(), started(2))
    room.let_play(40)
    room.give(Cancel(session="s", turn=1, revision=1, whole_turn=True, reason="barge_in"))
    room.let_play(100)
    began_at = room.now_sample
    room.give(answer(2), ended(2))
    room.let_play(40)
    assert np.all(room.sound()[began_at : began_at + 320] == LEVEL)
