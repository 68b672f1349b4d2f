from __future__ import annotations

from bus.peer import Parts, Peer
from bus.wire import cost_bytes
from bus.workers import WorkerId

MESSAGE = [bytes(100), bytes(772)]
COST = cost_bytes(MESSAGE)


class Wire:
    """Two sockets that take as many messages as they are told to."""

    def __init__(self, room: int = 1_000) -> None:
        self.room = room
        self.sent: list[Parts] = []

    def send(self, identity: bytes, parts: Parts) -> bool:
        """Take a message if there is room."""
        assert identity == b"talker.0.1"
        if len(self.sent) >= self.room:
            return False
        self.sent.append(parts)
        return True


def peer(wire: Wire, *, window: int = 4 * COST, backlog: int = 3 * COST) -> Peer:
    return Peer(WorkerId("talker", 0, 1), window, backlog, wire.send, wire.send)


def test_a_message_costs_its_bytes_and_its_keeping() -> None:
    """Small frames are not free: ZeroMQ keeps each of them."""
    assert COST == 872 + 128


def test_no_more_is_sent_than_there_is_credit_for() -> None:
    """The fifth message waits, and goes when the first was consumed."""
    wire = Wire()
    talker = peer(wire)
    assert all(talker.push(MESSAGE, "data") for _ in range(5))
    assert len(wire.sent) == 4
    assert not talker.is_stuck
    talker.credit(COST)
    assert len(wire.sent) == 5


def test_the_backlog_is_bounded() -> None:
    """Beyond window and backlog a message is refused, not queued."""
    talker = peer(Wire())
    assert [talker.push(MESSAGE, "data") for _ in range(8)] == [True] * 7 + [False]


def test_a_redelivered_turn_is_never_torn() -> None:
    """What must be queued is queued, whatever waits."""
    wire = Wire()
    talker = peer(wire)
    assert all(talker.push(MESSAGE, "data", must=True) for _ in range(20))
    talker.credit(16 * COST)
    assert len(wire.sent) == 20


def test_order_is_kept_when_a_socket_is_full() -> None:
    """A message that could be sent waits behind those that could not."""
    wire = Wire(room=0)
    talker = peer(wire)
    first, second = [b"1"], [b"2"]
    talker.push(first, "data")
    assert talker.is_stuck
    wire.room = 1
    talker.push(second, "data")
    assert wire.sent == []
    talker.flush()
    assert wire.sent == [first]
    assert talker.is_stuck
    wire.room = 2
    talker.flush()
    assert wire.sent == [first, second]
    assert not talker.is_stuck


def test_control_needs_no_credit() -> None:
    """It passes though the data window is used up."""
    wire = Wire()
    talker = peer(wire)
    for _ in range(6):
        talker.push(MESSAGE, "data")
    assert talker.push([b"cancel"], "control")
    assert wire.sent[-1] == [b"cancel"]


def test_control_of_a_mute_worker_is_bounded() -> None:
    """After thousands of frames that nobody took, a frame is refused."""
    talker = peer(Wire(room=0))
    taken = [talker.push([b"x"], "control") for _ in range(16_400)]
    assert taken.count(False) == 16


def test_a_message_larger_than_the_window_passes_alone() -> None:
    """A window that is too small slows a worker down but does not stop it."""
    wire = Wire()
    talker = peer(wire, window=10)
    talker.push(MESSAGE, "data")
    talker.push(MESSAGE, "data")
    assert len(wire.sent) == 1
    talker.credit(COST)
    assert len(wire.sent) == 2


def test_credit_never_runs_backwards() -> None:
    """An old or absurd count changes nothing; Hello begins anew."""
    wire = Wire()
    talker = peer(wire)
    for _ in range(4):
        talker.push(MESSAGE, "data")
    talker.credit(2 * COST)
    talker.credit(0)
    for _ in range(2):
        talker.push(MESSAGE, "data")
    assert len(wire.sent) == 6
    talker.welcomed(4 * COST)
    for _ in range(4):
        talker.push(MESSAGE, "data")
    assert len(wire.sent) == 10
