"""The hub without its loop: messages in whatever order sockets may bring them."""

from pathlib import Path

import pytest

from bus import wire
from bus.frames import AnyFrame, Closed, Hello, OpenTurn, Ready, SpeechStarted
from bus.joining import Side
from bus.switchboard import Switchboard
from bus.workers import WorkerId
from config.settings import Settings
from tests.bus.bus_frames import started


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

    def sent_to(self, worker: WorkerId) -> list[str]:
        """Return the types of what a worker was sent, on whichever socket."""
        sent = []
        for socket in self.sockets.values():
            pairs = zip(socket.parts, socket.parts[1:], strict=False)
            sent += [wire.decode([part]) for to, part in pairs if to == worker.identity]
        return [type(frame).__name__ for frame in sent]


CAPTURE = WorkerId("capture", 0, 1)
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
    for side in sides:
        board.take(side, SUPERVISOR, hello(SUPERVISOR))
    board.take("control", SUPERVISOR, Ready(stage="supervisor", worker=0, incarnation=1))
    for side in sides:
        board.take(side, CAPTURE, hello(CAPTURE, 1))
    board.take("control", CAPTURE, Ready(stage="capture", worker=0, incarnation=1))
    board.take("control", CAPTURE, started())
    assert Closed.__name__ not in board.sent_to(CAPTURE)
    assert SpeechStarted.__name__ in board.sent_to(SUPERVISOR)
