"""The hub without its loop: messages in whatever order sockets may bring them."""

from pathlib import Path

import pytest

from bus import wire
from bus.frames import AnyFrame, Closed, Gone, Hello, OpenTurn, Ready, SpeechStarted
from bus.joining import Side
from bus.log import path_of
from bus.log_reader import read_frames
from bus.switchboard import SIDES, Switchboard
from bus.workers import WorkerId
from config.settings import Settings
from tests.bus.bus_frames import ended, started


class Socket:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def send(self, part: bytes, _flags: int) -> None:
        """Take a part."""
        self.parts.append(part)


class Board:
    """A switchboard, and what it has sent to whom."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.sockets: dict[Side, Socket] = {"control": Socket(), "data": Socket()}
        self.board = Switchboard(
            self.sockets,  # type: ignore[arg-type]  # no more than this is used of them
            settings, folder, None, incarnation=2, now_ns=1,
        )  # fmt: skip

    def take(self, side: Side, worker: WorkerId, frame: AnyFrame) -> None:
        """Have a frame of a worker come by itself."""
        self.board.take(side, [worker.identity, *wire.encode(frame)], now_ns=2)
        self.board.commit(now_ns=2)

    def take_all(self, side: Side, worker: WorkerId, *frames: AnyFrame) -> None:
        """Have frames of a worker come at once."""
        for frame in frames:
            self.board.take(side, [worker.identity, *wire.encode(frame)], now_ns=2)

    def sent_to(self, worker: WorkerId) -> list[str]:
        """Return the types of what a worker was sent, on whichever socket."""
        sent = []
        for socket in self.sockets.values():
            pairs = zip(socket.parts, socket.parts[1:], strict=False)
            sent += [wire.decode([part]) for to, part in pairs if to == worker.identity]
        return [type(frame).__name__ for frame in sent]


CAPTURE = WorkerId("capture", 0, 1)
ENCODER = WorkerId("encoder", 0, 1)
SUPERVISOR = WorkerId("supervisor", 0, 1)


def hello(worker: WorkerId, *turns: int) -> Hello:
    return Hello(
        stage=worker.stage, worker=worker.worker, incarnation=worker.incarnation,
        window_bytes=1 << 20,
        open_turns=tuple(OpenTurn(session="home", turn=turn, seq=0) for turn in turns),
    )  # fmt: skip


@pytest.mark.parametrize("sides", [("data", "control"), ("control", "data")])
def test_a_turn_that_began_without_a_hub_is_taken_up(
    tmp_path: Path, settings: Settings, sides: tuple[Side, Side]
) -> None:
    """Capture names it in its Hello before it tells of it; nobody ever closed it."""
    board = Board(tmp_path, settings)
    _join(board, SUPERVISOR)
    for side in sides:
        board.take(side, CAPTURE, hello(CAPTURE, 1))
    board.take("control", CAPTURE, Ready(stage="capture", worker=0, incarnation=1))
    board.take("control", CAPTURE, started())
    assert Closed.__name__ not in board.sent_to(CAPTURE)
    assert SpeechStarted.__name__ in board.sent_to(SUPERVISOR)


def test_nothing_leaves_that_is_not_logged(tmp_path: Path, settings: Settings) -> None:
    """Frames that came at once are written at once, and sent behind that."""
    board = Board(tmp_path, settings)
    _join(board, SUPERVISOR)
    _join(board, CAPTURE)
    board.take_all("control", CAPTURE, started(), ended())
    assert board.sent_to(SUPERVISOR).count("SpeechStarted") == 0
    board.board.commit(now_ns=2)
    logged = [type(frame).__name__ for frame in read_frames(path_of(tmp_path / "log", "home", 1))]
    assert logged == board.sent_to(SUPERVISOR)[-2:] == ["SpeechStarted", "SpeechEnded"]


def test_who_joins_among_frames_gets_each_once(tmp_path: Path, settings: Settings) -> None:
    """What waits to be sent is sent before anybody else is let in, or declared dead."""
    board = Board(tmp_path, settings)
    _join(board, SUPERVISOR)
    _join(board, CAPTURE)
    board.take_all("control", CAPTURE, started())
    _join(board, ENCODER)
    board.take_all("control", CAPTURE, ended())
    gone = Gone(stage="encoder", worker=0, incarnation=1)
    board.take_all("control", SUPERVISOR, gone)
    board.board.commit(now_ns=2)
    speech = [name for name in board.sent_to(ENCODER) if name.startswith("Speech")]
    assert speech == ["SpeechStarted", "SpeechEnded"]


def _join(board: Board, worker: WorkerId) -> None:
    for side in SIDES:
        board.take_all(side, worker, hello(worker))
    board.take_all("control", worker, Ready(stage=worker.stage, worker=0, incarnation=1))
