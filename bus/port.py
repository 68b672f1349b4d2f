"""A worker's end of the bus: frames in, frames out, and the supervisor's orders."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Final

import zmq

from bus import wire
from bus.errors import HubSilent
from bus.frames import (
    AnyFrame,
    Cancel,
    Closed,
    Credit,
    Gone,
    Hello,
    Member,
    Order,
    Ready,
    SourceEnded,
    Unknown,
    Vitals,
    Welcome,
)
from bus.inbox import SIDES, Inbox
from bus.kept import Kept
from bus.keys import keys_for
from bus.link import Link
from bus.resuming import Resumption
from bus.sockets import Line, Rendezvous
from bus.workers import WorkerId
from config.settings import Bus

__all__ = ["Port", "Resumption"]

WELCOME_WITHIN_MS: Final = 10_000
"""Hub and workers are started at once, on a machine that then loads models on every core."""

_SEND_WITHIN_MS: Final = 5_000
_CREDIT_SHARE: Final = 4
"""Credit is given back by quarters of the window: rarely, and long before the window is used up."""
_CREDIT_EVERY_NS: Final = 1_000_000_000
"""An idle worker gives credit too: a restarted hub answers Unknown to it, and is told Hello."""


class Port:
    """Connects one worker with the hub and the supervisor. Not for several threads."""

    def __init__(
        self, runtime: Path, member: Member, worker: int, incarnation: int, bus: Bus
    ) -> None:
        """Take who we are. Raises KeysMissing, KeysUnsafe or AddressUnusable."""
        self.member: Member = member
        self.worker = worker
        self.incarnation = incarnation
        self._window_bytes = bus.window_bytes
        self._meeting = Rendezvous(runtime, bus.address, keys_for(bus))
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._poller = zmq.Poller()
        self._links: list[Link] = []
        self._line: Link | None = None
        self._kept = Kept(bus.backlog_bytes)
        self._source_ended: SourceEnded | None = None
        self._gone_for_good: list[Gone] = []
        self._hub = 0
        self._credited_bytes = 0
        self._hello_bytes = 0
        self._next_credit_ns = 0
        self._is_ready = False

    @property
    def dropped(self) -> int:
        """Malformed frames refused since `open`."""
        return sum(link.dropped for link in self._links)

    def open(self, within_ms: int = WELCOME_WITHIN_MS) -> Welcome:
        """Connect, say Hello on both sockets and return the hub's Welcome.

        Raises HubSilent when the hub does not answer in time, AddressUnusable.
        """
        self._data = self._connect("data")
        self._control = self._connect("control")
        self._inbox = Inbox(self._data, self._control)
        # The supervisor has no line to itself.
        self._line = self._connect("supervisor") if self.member != "supervisor" else None
        self._say_hello()
        until_ns = time.monotonic_ns() + within_ms * 1_000_000
        welcomes: dict[Link, Welcome] = {}
        while len(welcomes) < 2:
            left_ms = (until_ns - time.monotonic_ns()) // 1_000_000
            if left_ms <= 0:
                self.close()
                raise HubSilent(
                    f"{self._meeting.address('control')}: no answer from the hub within "
                    f"{within_ms} ms; is it running?"
                )
            self._poller.poll(left_ms)
            for link in (self._data, self._control):
                frame = link.take()
                if isinstance(frame, Welcome):
                    welcomes[link] = frame
                elif frame is not None and link is self._control:
                    self._inbox.put_back(frame)
        return welcomes[self._control]

    def ready(self) -> None:
        """Tell the hub that this worker takes frames."""
        self._is_ready = True
        ready = Ready(stage=self.member, worker=self.worker, incarnation=self.incarnation)
        self._control.send(ready, _SEND_WITHIN_MS)

    def send(self, frame: AnyFrame) -> None:
        """Send `frame` to the hub. Raises HubSilent when the hub takes nothing for seconds."""
        self._kept.add(frame)
        if isinstance(frame, SourceEnded):
            self._source_ended = frame
        elif isinstance(frame, Gone) and frame.for_good:
            self._gone_for_good.append(frame)
        self._send(frame)

    def greet(self) -> None:
        """Let a hub that was restarted know that we are here; one that knows us takes no notice."""
        self._give_credit()

    def _send(self, frame: AnyFrame) -> None:
        link = self._control if wire.is_control(frame) else self._data
        link.send(frame, _SEND_WITHIN_MS)

    def wait(self, timeout_ms: float | None) -> bool:
        """Wait until something may be received on a socket, at most `timeout_ms` (None: ever)."""
        if time.monotonic_ns() >= self._next_credit_ns:
            self._give_credit()
        if self._inbox.has_some:
            return True
        return bool(self._poller.poll(None if timeout_ms is None else math.ceil(timeout_ms)))

    def control(self) -> AnyFrame | None:
        """Return the next control frame; None: there is none now."""
        while (frame := self._inbox.control()) is not None:
            if not self._is_ours(frame):
                return frame
        return None

    def data(self) -> AnyFrame | Resumption | None:
        """Return the next data frame, or an open turn left by a dead predecessor; None: neither."""
        while (received := self._inbox.data()) is not None:
            self._give_credit_by_quarters()
            if not self._is_ours(received):
                return received
        self._give_credit_by_quarters()
        return None

    def order(self) -> Order | None:
        """Return the supervisor's next order; None: there is none now."""
        if self._line is None or not self._line.arrived():
            return None
        frame = self._line.take()
        return frame if isinstance(frame, Order) else None

    def beat(self, vitals: Vitals) -> None:
        """Send `vitals` to the supervisor; never waits."""
        if self._line is not None:
            self._line.offer(vitals)

    def close(self) -> None:
        """Let go of the sockets, after what was sent last is out or a moment has passed."""
        for link in self._links:
            self._poller.unregister(link.socket)
            link.close()
        self._links = []
        self._line = None
        self._context.term()

    def _connect(self, line: Line) -> Link:
        identity = WorkerId(self.member, self.worker, self.incarnation).identity
        socket = self._meeting.connect(self._context, line, identity)
        self._poller.register(socket, zmq.POLLIN)
        self._links.append(Link(socket, self._meeting.address(line)))
        return self._links[-1]

    def _say_hello(self) -> None:
        """Introduce ourselves, and tell on each socket how far the open turns came on it."""
        self._hello_bytes = self._credited_bytes = self._data.received_bytes
        turns = self._kept.turns() | self._inbox.turns()
        for side, link in zip(SIDES, (self._data, self._control), strict=True):
            hello = Hello(
                stage=self.member,
                worker=self.worker,
                incarnation=self.incarnation,
                window_bytes=self._window_bytes,
                open_turns=self._inbox.open_turns(side, turns),
            )
            link.send(hello, _SEND_WITHIN_MS)

    def _rejoin(self, hub: int) -> None:
        """Say Hello to a hub that was restarted, and all that its predecessor may not have heard.

        What the predecessor sent comes first: the Hello tells how far that went.
        """
        if hub == self._hub:
            return
        self._hub = hub
        self._inbox.drain()
        self._say_hello()
        if self._is_ready:
            self.ready()
        for frame in (*self._gone_for_good, *self._kept.all()):
            self._send(frame)
        if self._source_ended is not None:
            self._send(self._source_ended)

    def _is_ours(self, frame: AnyFrame | Resumption) -> bool:
        """Return whether `frame` concerns the port alone, and act on it."""
        match frame:
            case Unknown():
                self._rejoin(frame.hub)
                return True
            case Welcome():
                return True
            case Closed():
                self._kept.closed(frame)
                self._inbox.forget(frame.session, frame.turn)
                return False
            case Cancel():
                self._kept.cancelled(frame)
                return False
            case _:
                return False

    def _give_credit_by_quarters(self) -> None:
        if (self._data.received_bytes - self._credited_bytes) * _CREDIT_SHARE > self._window_bytes:
            self._give_credit()

    def _give_credit(self) -> None:
        self._next_credit_ns = time.monotonic_ns() + _CREDIT_EVERY_NS
        credit = Credit(consumed_bytes=self._data.received_bytes - self._hello_bytes)
        if self._data.offer(credit):
            self._credited_bytes = self._data.received_bytes
