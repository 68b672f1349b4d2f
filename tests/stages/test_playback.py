from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from bus.frames import (
    AnyFrame,
    Cancel,
    Done,
    Order,
    Played,
    SourceEnded,
    SpeechChunk,
    SpeechEnded,
)
from config.load import load_settings
from config.session import Session
from stages.playback import Playback, build_playback

RATE = 16_000
ENDED = 20_000


@pytest.fixture
def room(tmp_path: Path) -> Path:
    return tmp_path / "room.wav"


@pytest.fixture
def playback(room: Path) -> Iterator[Playback]:
    session = Session(recordings=("any.wav",), realtime=False, room=str(room))
    stage = build_playback(load_settings("tiny"), session, room.parent)
    stage.open()
    stage.obey(Order(kind="start", clock_ns=0))
    yield stage
    stage.close()


def tone(samples: int) -> bytes:
    wave = 8_000 * np.sin(2 * np.pi * 440 * np.arange(samples) / RATE)
    return bytes(wave.astype("<i2").tobytes())


def chunk(pcm: bytes, *, first: int = 0, last: bool = False, turn: int = 1) -> SpeechChunk:
    return SpeechChunk(
        session="s", turn=turn, revision=1, clause=0, clause_text="it is ten past two",
        first_sample=first, rate=RATE, pcm=pcm, clause_last=last, last=last,
    )  # fmt: skip


def ended(turn: int = 1, revision: int = 1) -> SpeechEnded:
    return SpeechEnded(
        session="s", turn=turn, revision=revision, sample=ENDED,
        speech_end_sample=ENDED - 8_000, reason="silence",
    )  # fmt: skip


def give(stage: Playback, *frames: AnyFrame) -> list[AnyFrame]:
    """Return what playback says to `frames`, and afterwards by itself."""
    said: list[AnyFrame] = []
    for frame in frames:
        said += filter(None, stage.handle(frame))
    while stage.due_ms() == 0.0:
        said += filter(None, stage.idle())
    return said


def test_an_answer_is_heard_once_its_turn_is_confirmed(playback: Playback) -> None:
    """Sound that comes before the end of the utterance waits for it."""
    assert give(playback, chunk(tone(RATE)), chunk(b"", first=RATE, last=True)) == []
    said = give(playback, ended())
    reports = [frame for frame in said if isinstance(frame, Played)]
    assert reports[-1].last
    assert reports[-1].text == "it is ten past two"
    assert reports[-1].samples == RATE
    assert isinstance(said[-1], Done)


def test_an_unconfirmed_guess_is_never_heard(playback: Playback, room: Path) -> None:
    """A superseded revision is dropped without a trace."""
    give(playback, chunk(tone(RATE)), chunk(b"", first=RATE, last=True))
    give(
        playback,
        Cancel(session="s", turn=1, revision=1, whole_turn=False, reason="superseded"),
        ended(revision=2),
        SourceEnded(clock_sample=50_000, turns=1),
    )
    playback.close()
    sound, _ = sf.read(room, dtype="int16")
    assert len(sound) == 50_000
    assert not sound.any()


def test_the_room_is_aligned_with_the_input(playback: Playback, room: Path) -> None:
    """Silence until the answer, which stands where its report says."""
    said = give(playback, ended(), chunk(tone(RATE)), chunk(b"", first=RATE, last=True))
    report = next(frame for frame in reversed(said) if isinstance(frame, Played))
    give(playback, SourceEnded(clock_sample=100_000, turns=1))
    playback.close()
    sound, rate = sf.read(room, dtype="int16")
    assert rate == 16_000
    assert len(sound) == 100_000
    begins = int(np.flatnonzero(sound)[0])
    assert ENDED <= report.first_clock_sample <= begins <= report.first_clock_sample + 16
    assert report.clock_sample == report.first_clock_sample + RATE


def test_a_cancelled_turn_says_how_far_it_was_heard(playback: Playback) -> None:
    """A last report and Done, even where nothing was heard at all."""
    cancel = Cancel(session="s", turn=1, revision=1, whole_turn=True, reason="barge-in")
    said = give(playback, ended(), chunk(tone(RATE)), cancel)
    reports = [frame for frame in said if isinstance(frame, Played)]
    assert reports[-1].last
    assert isinstance(said[-1], Done)
    other = Cancel(session="s", turn=9, revision=1, whole_turn=True, reason="barge-in")
    report, done = give(playback, other)
    assert isinstance(report, Played)
    assert report.last
    assert report.text == ""
    assert isinstance(done, Done)


def test_a_successor_goes_on_at_the_sample_last_heard(playback: Playback) -> None:
    """What the dead predecessor played is not played again, and counts as heard."""
    heard = Played(
        session="s", turn=1, revision=1, clause=0, samples=RATE // 2, rate=RATE, text="it is",
        clock_sample=30_000, first_clock_sample=22_000, last=False,
    )  # fmt: skip
    playback.resume([ended(), chunk(tone(RATE)), chunk(b"", first=RATE, last=True)], [heard])
    said = give(playback)
    reports = [frame for frame in said if isinstance(frame, Played)]
    assert reports[-1].text == "it is ten past two"
    assert reports[-1].first_clock_sample == heard.first_clock_sample
    assert ENDED + RATE // 2 <= reports[-1].clock_sample < ENDED + 5 * RATE


def test_the_recording_goes_on_though_the_hub_has_forgotten_the_clock(
    playback: Playback, room: Path
) -> None:
    """Playback dies after a hub that was restarted: what was heard before is not lost."""
    give(playback, ended(), chunk(tone(RATE)), chunk(b"", first=RATE, last=True))
    session = Session(recordings=("any.wav",), realtime=False, room=str(room))
    successor = build_playback(load_settings("tiny"), session, room.parent)
    successor.open()
    successor.obey(Order(kind="start", clock_ns=0))
    give(successor, SourceEnded(clock_sample=100_000, turns=1))
    successor.close()
    sound, _ = sf.read(room, dtype="int16")
    assert np.count_nonzero(sound) > RATE // 2
    room.with_name(f".{room.name}.part").touch()  # the dead one is closed by the fixture
