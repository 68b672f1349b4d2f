from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.frames import (
    AnyFrame,
    AudioChunk,
    Closed,
    Order,
    Played,
    SourceEnded,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    TurnFrame,
    Welcome,
)
from config.load import load_settings
from config.session import Session
from stages.capture import Capture
from stages.listening import build_capture

RECORDINGS = Path(__file__).parent.parent / "recordings"
FILES = (RECORDINGS / "timer_en.wav", RECORDINGS / "three_es.wav")
ANSWER_SAMPLES = 40_000


class House:
    """Stands for the hub: knows what was sent, drops what it knows, answers each utterance."""

    def __init__(self, runtime: Path) -> None:
        self.runtime = runtime
        self.frames: dict[tuple[object, ...], AnyFrame] = {}
        self.closed: list[int] = []
        self.clock_sample = 0

    def capture(self) -> Capture:
        """Return capture of recordings at full speed, its clock running, taken up by the hub."""
        session = Session(recordings=tuple(map(str, FILES)), realtime=False, room="")
        turns = {frame.turn for frame in self.frames.values() if isinstance(frame, TurnFrame)}
        welcome = Welcome(next_turn=max(turns, default=0) + 1, clock_sample=self.clock_sample)
        stage = build_capture(load_settings("tiny"), session, welcome, self.runtime)
        stage.open()
        for turn in turns - set(self.closed):
            mine = [f for f in self.frames.values() if isinstance(f, TurnFrame) and f.turn == turn]
            stage.resume([], mine)
        stage.obey(Order(kind="start", clock_ns=0))
        return stage

    def take(self, stage: Capture) -> Iterator[AnyFrame]:
        """Yield what is new of what capture says by itself."""
        for frame in stage.idle():
            if frame is None or _name(frame) in self.frames:
                continue
            if isinstance(frame, TurnFrame) and frame.turn in self.closed:
                continue
            self.frames[_name(frame)] = frame
            if isinstance(frame, AudioChunk):
                self.clock_sample = frame.first_sample + 320
            yield frame

    def answer(self, ended: SpeechEnded) -> tuple[Played, Closed]:
        """Answer an utterance; return what capture is told of it."""
        self.closed.append(ended.turn)
        self.clock_sample = ended.sample + ANSWER_SAMPLES
        played = Played(
            session=ended.session, turn=ended.turn, revision=ended.revision, clause=0, samples=1,
            rate=16_000, text="yes", first_clock_sample=ended.sample,
            clock_sample=self.clock_sample, last=True,
        )  # fmt: skip
        return played, Closed(session=ended.session, turn=ended.turn, reason="answered")

    def hear(self, stage: Capture, most_frames: int) -> bool:
        """Let capture hear until it has said so many new frames; return whether it is over."""
        while True:
            for frame in self.take(stage):
                if isinstance(frame, SourceEnded):
                    return True
                if isinstance(frame, SpeechEnded):
                    reports = self.answer(frame)
                    if len(self.frames) >= most_frames:
                        return False  # it dies before it is told
                    for report in reports:
                        assert not [out for out in stage.handle(report) if out is None]
                elif len(self.frames) >= most_frames:
                    return False


def _name(frame: AnyFrame) -> tuple[object, ...]:
    kind = type(frame)
    match frame:
        case AudioChunk():
            return kind, frame.turn, frame.first_sample
        case SpeechStarted():
            return kind, frame.turn
        case SpeechPaused() | SpeechResumed() | SpeechEnded():
            return kind, frame.turn, frame.revision
        case _:
            return (kind,)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(tmp_path_factory.mktemp("whole"))
    assert house.hear(house.capture(), 1_000_000)
    assert house.closed == [1, 2]
    return house


@pytest.mark.parametrize("share", [0.0, 0.2, 0.45, 0.7, 0.95])
def test_a_successor_hears_on_as_if_nobody_had_died(
    share: float, whole: House, tmp_path: Path
) -> None:
    """The same utterances, numbers, sound and places on the clock, wherever the death came."""
    house = House(tmp_path)
    assert not house.hear(house.capture(), max(1, round(len(whole.frames) * share)))
    assert house.hear(house.capture(), 1_000_000)
    assert house.frames == whole.frames


def test_an_answer_that_ended_meanwhile_is_not_waited_for(whole: House, tmp_path: Path) -> None:
    """Capture dies behind an utterance, and its turn is closed before there is a successor."""
    house = House(tmp_path)
    ends = [at for at, f in enumerate(whole.frames.values(), 1) if isinstance(f, SpeechEnded)]
    assert not house.hear(house.capture(), ends[0])
    assert house.closed == [1]
    assert house.hear(house.capture(), 1_000_000)
    assert house.closed == [1, 2]
    assert house.frames.keys() >= {
        _name(f) for f in whole.frames.values() if type(f) is SpeechEnded
    }


def test_nothing_is_heard_before_the_hub_could_tell_of_open_turns(tmp_path: Path) -> None:
    """Which answers are owed decides whether the file goes on."""
    house = House(tmp_path)
    assert not house.hear(house.capture(), 5)
    successor = house.capture()
    assert successor.due_ms() not in (None, 0.0)
    assert list(successor.idle()) == []
