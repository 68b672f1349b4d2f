from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bus.frames import AnyFrame, Cancel, Clause, Closed, Order, SpeechResumed
from bus.port import Port
from config.settings import Settings
from stages.worker import Worker


class _Quiet(Port):
    """A port whose far end is fed by hand."""

    def __init__(self, runtime: Path, settings: Settings) -> None:
        super().__init__(runtime, "thinker", 0, 1, settings.bus)
        self.control_frames: deque[AnyFrame] = deque()
        self.data_frames: deque[AnyFrame] = deque()
        self.orders: deque[Order] = deque()
        self.sent: list[AnyFrame] = []
        self.waited_ms: list[float | None] = []

    def ready(self) -> None:
        """Tell nobody."""

    def wait(self, timeout_ms: float | None) -> bool:
        """Never wait; when all was taken, the end comes."""
        self.waited_ms.append(timeout_ms)
        if not (self.control_frames or self.data_frames):
            self.orders.append(Order(kind="stop"))
        return timeout_ms is None

    def control(self) -> AnyFrame | None:
        return self.control_frames.popleft() if self.control_frames else None

    def data(self) -> AnyFrame | None:
        return self.data_frames.popleft() if self.data_frames else None

    def order(self) -> Order | None:
        return self.orders.popleft() if self.orders else None

    def send(self, frame: AnyFrame) -> None:
        self.sent.append(frame)


class _Talkative:
    """A stage that goes on by itself with an answer, and notes what it is given."""

    def __init__(self, port: _Quiet) -> None:
        self.handled: list[AnyFrame] = []
        self.left = False
        self._port = port

    def open(self) -> None:
        """Nothing to load."""

    def resume(self, inputs: Sequence[AnyFrame], sent: Sequence[AnyFrame]) -> None:
        """Nothing to take up."""

    def handle(self, frame: AnyFrame) -> Iterator[AnyFrame | None]:
        self.handled.append(frame)
        yield None

    def idle(self) -> Iterator[AnyFrame | None]:
        try:
            yield _clause(0)
            self._port.control_frames.append(_cancel())
            yield None
            yield _clause(1)
            yield _clause(2)
        finally:
            self.left = True

    def due_ms(self) -> float | None:
        return 0.0

    def obey(self, order: Order) -> None:
        """Nothing to shed."""

    def close(self) -> None:
        """Nothing to let go."""


def _clause(index: int) -> Clause:
    return Clause(session="s", turn=1, revision=1, index=index, text="a", language="en", last=False)


def _cancel() -> Cancel:
    return Cancel(session="s", turn=1, revision=1, whole_turn=True, reason="barge_in")


@pytest.fixture
def port(settings: Settings, tmp_path: Path) -> Iterator[_Quiet]:
    port = _Quiet(tmp_path, settings)
    yield port
    port.close()


def test_an_answer_taken_up_is_left_when_it_is_cancelled(port: _Quiet) -> None:
    """No frame in hand names its turn, but what comes out does; the stage then hears of it."""
    worker = Worker(port, "thinker", beat_ms=100)
    stage = _Talkative(port)
    worker.open(stage)
    worker._work(stage.idle(), None)
    assert port.sent == [_clause(0)]
    assert stage.left
    worker.run()
    assert stage.handled == [_cancel()]


def test_nothing_is_begun_for_a_turn_that_was_closed(port: _Quiet) -> None:
    """Closed comes with the sound; a boundary from the other socket may come behind it."""
    worker = Worker(port, "thinker", beat_ms=100)
    stage = _Talkative(port)
    worker.open(stage)
    closed = Closed(session="s", turn=1, reason="answered")
    late = SpeechResumed(session="s", turn=1, revision=1, sample=5)
    port.data_frames.append(closed)
    port.wait = lambda timeout_ms: timeout_ms is None  # type: ignore[method-assign]
    stage.idle = lambda: _then(port, late)  # type: ignore[method-assign]
    worker.run()
    assert stage.handled == [closed]


def test_who_has_a_turn_in_hand_is_at_work(port: _Quiet) -> None:
    """Playback sleeps between two blocks of an answer, and is missed all the same if it hangs."""
    told: list[bool] = []
    asleep: list[int] = []
    port.beat = lambda vitals: told.append(vitals.busy)  # type: ignore[method-assign]
    wait = port.wait

    def waited(timeout_ms: float | None) -> bool:
        asleep.append(len(told))
        return wait(timeout_ms)

    port.wait = waited  # type: ignore[method-assign]
    worker = Worker(port, "playback", beat_ms=0)
    worker.open(_Talkative(port))
    port.control_frames.append(SpeechResumed(session="s", turn=1, revision=1, sample=5))
    port.data_frames.append(Closed(session="s", turn=1, reason="answered"))
    worker.run()
    assert [told[at] for at in asleep] == [False, True, False]


def test_a_drained_worker_ends_between_turns(port: _Quiet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thinker has written its answer long before it is heard to its end."""
    monkeypatch.setattr("stages.worker._DRAINED_NS", 0)
    worker = Worker(port, "thinker", beat_ms=100)
    stage = _Talkative(port)
    worker.open(stage)
    closed = Closed(session="s", turn=1, reason="answered")
    waits: list[AnyFrame] = [closed]
    port.wait = lambda timeout_ms: timeout_ms is None  # type: ignore[method-assign]
    stage.idle = lambda: _later(port, waits)  # type: ignore[method-assign]
    port.orders.append(Order(kind="drain"))
    port.control_frames.append(SpeechResumed(session="s", turn=1, revision=1, sample=5))
    worker.run()
    assert stage.handled[-1] == closed


def _later(port: _Quiet, waits: list[AnyFrame]) -> Iterator[AnyFrame | None]:
    if waits:
        port.data_frames.append(waits.pop())
    return iter(())


def _then(port: _Quiet, late: AnyFrame) -> Iterator[AnyFrame | None]:
    port.control_frames.append(late)
    port.orders.append(Order(kind="stop"))
    return iter(())


def test_capture_hears_on_when_its_turn_is_over(port: _Quiet) -> None:
    """What it hears is not sent any more, but it must come to the utterance's end."""
    worker = Worker(port, "capture", beat_ms=100)
    worker.open(_Talkative(port))
    worker._ended.note(Closed(session="s", turn=1, reason="given_up"))
    late = SpeechResumed(session="s", turn=1, revision=1, sample=5)
    following = SpeechResumed(session="s", turn=2, revision=1, sample=9)
    worker._work(iter((late, following)), None)
    assert port.sent == [following]


def test_who_was_given_something_shows_itself_soon(port: _Quiet) -> None:
    """The supervisor may know of the work: it does not wait as long as for an idle worker."""
    worker = Worker(port, "thinker", beat_ms=100)
    stage = _Talkative(port)
    stage.due_ms = lambda: None  # type: ignore[method-assign]
    worker.open(stage)
    port.data_frames.append(_clause(0))
    worker.run()
    before, after = port.waited_ms[:2]
    assert before is not None
    assert after is not None
    assert after <= 100 < before
