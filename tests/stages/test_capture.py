import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from bus.frames import (
    AnyFrame,
    AudioChunk,
    Closed,
    Order,
    Played,
    SourceEnded,
    SpeechEnded,
    SpeechPaused,
    SpeechStarted,
    Welcome,
)
from config.load import load_settings
from config.session import Session
from stages.capture import Capture
from stages.listening import build_capture
from stages.sound import SourceError

RECORDINGS = Path(__file__).parent.parent / "recordings"
ANSWER_SAMPLES = 40_000


def capture(*paths: Path) -> Capture:
    """Return capture of recordings at full speed, its clock running."""
    session = Session(recordings=tuple(map(str, paths)), realtime=False, room="")
    stage = build_capture(load_settings("tiny"), session, Welcome(next_turn=1, clock_sample=0))
    stage.open()
    stage.obey(Order(kind="start", clock_ns=0))
    return stage


def everything(stage: Capture) -> Iterator[AnyFrame]:
    """Yield all that capture says, answering each utterance at once."""
    while stage.due_ms() is not None:
        for frame in stage.idle():
            if frame is None:
                continue
            yield frame
            if isinstance(frame, SpeechEnded):
                yield from answer(stage, frame)


def answer(stage: Capture, ended: SpeechEnded) -> Iterator[AnyFrame]:
    played = Played(
        session=ended.session, turn=ended.turn, revision=ended.revision, clause=0, samples=1,
        rate=16_000, text="yes", first_clock_sample=ended.sample,
        clock_sample=ended.sample + ANSWER_SAMPLES, last=True,
    )  # fmt: skip
    closed = Closed(session=ended.session, turn=ended.turn, reason="answered")
    for report in (played, closed):
        yield from filter(None, stage.handle(report))


def test_an_utterance_is_sent_whole_and_in_order() -> None:
    """Its sound, from before it was noticed to the moment its end was decided, without a gap."""
    path = RECORDINGS / "timer_en.wav"
    frames = list(everything(capture(path)))
    started = next(frame for frame in frames if isinstance(frame, SpeechStarted))
    ended = next(frame for frame in frames if isinstance(frame, SpeechEnded))
    chunks = [frame for frame in frames if isinstance(frame, AudioChunk)]
    firsts = [chunk.first_sample for chunk in chunks]
    assert firsts == list(range(firsts[0], ended.sample, 320))
    assert firsts[0] <= max(0, started.sample - 4_800)
    assert frames.index(chunks[-1]) < frames.index(ended)
    sent = np.frombuffer(b"".join(chunk.pcm for chunk in chunks), "<i2")
    recorded, _ = sf.read(path, dtype="int16")
    overlap = min(len(sent), len(recorded) - firsts[0])
    assert np.array_equal(sent[:overlap], recorded[firsts[0] : firsts[0] + overlap])


def test_the_end_confirms_the_last_guess() -> None:
    """SpeechEnded names the revision of the last pause."""
    frames = list(everything(capture(RECORDINGS / "question_es.wav")))
    pauses = [frame for frame in frames if isinstance(frame, SpeechPaused)]
    ends = [frame for frame in frames if isinstance(frame, SpeechEnded)]
    assert len(ends) == 1
    assert ends[0].revision == pauses[-1].revision == len(pauses)
    assert abs(ends[0].speech_end_sample - pauses[-1].speech_end_sample) < 800
    assert pauses[-1].sample < ends[0].sample


def test_the_next_file_waits_for_the_answer() -> None:
    """It begins a second after the answer's end, on one clock."""
    stage = capture(RECORDINGS / "timer_en.wav", RECORDINGS / "three_es.wav")
    frames = list(everything(stage))
    ends = [frame for frame in frames if isinstance(frame, SpeechEnded)]
    starts = [frame for frame in frames if isinstance(frame, SpeechStarted)]
    assert [end.turn for end in ends] == [1, 2]
    second, _ = sf.read(RECORDINGS / "three_es.wav", dtype="int16")
    file_begins = ends[0].sample + ANSWER_SAMPLES + 16_000
    assert file_begins < starts[1].sample < file_begins + len(second)
    assert isinstance(frames[-1], SourceEnded)
    assert frames[-1].clock_sample >= ends[1].sample + ANSWER_SAMPLES


def test_nothing_is_heard_while_an_answer_is_owed() -> None:
    """At full speed the file waits after each utterance."""
    stage = capture(RECORDINGS / "timer_en.wav")
    ended = False
    while not ended:
        ended = any(isinstance(frame, SpeechEnded) for frame in stage.idle())
    assert stage.due_ms() is None
    assert list(stage.idle()) == []


def test_noise_opens_no_turn() -> None:
    """A kitchen is not speech, and a file without speech ends too."""
    frames = list(everything(capture(RECORDINGS / "dishes.wav")))
    assert [type(frame) for frame in frames] == [SourceEnded]


def test_silence_is_heard_in_larger_pieces() -> None:
    """At the speed of the clock; what wakes the process 50 times a second costs a core."""
    session = Session(recordings=(str(RECORDINGS / "dishes.wav"),), realtime=True, room="")
    stage = build_capture(load_settings("tiny"), session, Welcome(next_turn=1, clock_sample=0))
    stage.open()
    stage.obey(Order(kind="start", clock_ns=time.monotonic_ns()))
    due_ms = stage.due_ms()
    assert due_ms is not None
    assert 40 < due_ms <= 60


def test_a_missing_file_is_refused_before_anything_is_heard(tmp_path: Path) -> None:
    """The line names the file."""
    with pytest.raises(SourceError, match=r"nothing\.wav"):
        capture(tmp_path / "nothing.wav")


def test_while_an_answer_is_heard_every_block_is_listened_to_at_once() -> None:
    """In silence blocks are gathered; whoever speaks over an answer is noticed sooner."""
    session = Session(recordings=(str(RECORDINGS / "question_es.wav"),), realtime=True, room="")
    stage = build_capture(load_settings("tiny"), session, Welcome(next_turn=1, clock_sample=0))
    stage.open()
    stage.obey(Order(kind="start", clock_ns=time.monotonic_ns() + 3_600_000_000_000))
    played = Played(
        session="home", turn=1, clause=0, samples=1, rate=16_000, text="yes",
        first_clock_sample=0, clock_sample=320, last=False,
    )  # fmt: skip
    waits_ms = [stage.due_ms() or 0.0]
    for report in (played, Closed(session="home", turn=1, reason="answered")):
        list(stage.handle(report))
        waits_ms.append(stage.due_ms() or 0.0)
    assert waits_ms[0] - waits_ms[1] > 30.0
    assert waits_ms[2] - waits_ms[1] > 20.0
