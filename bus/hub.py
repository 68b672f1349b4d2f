"""The hub process: frames of all workers go in, each where it belongs goes out.

Started, or forked from the zygote, as `python -m bus.hub --runtime DIR` would be.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import zmq

from bus.errors import BusError
from bus.frames import Order, Vitals
from bus.joining import Side
from bus.keys import doorkeeper, keys_for
from bus.link import Link
from bus.sockets import Rendezvous, has_arrived, receive_from
from bus.switchboard import SIDES, Switchboard
from bus.workers import WorkerId
from config.errors import ConfigError
from config.load import settings_from_json
from config.logs import log
from config.settings import Settings

_BATCH: Final = 32
"""Messages read from one socket before the other one and the time are looked at again."""

_IDLE_BEATS: Final = 4
"""Without open turns the hub beats so many times more seldom."""

_RETRY_MS: Final = 5
"""How soon a socket that took nothing is tried again: well under 20 ms of sound."""


class Hub:
    """Owns sockets and clock; what to do is decided in the switchboard."""

    def __init__(
        self, runtime: Path, settings: Settings, incarnation: int, record: Path | None
    ) -> None:
        """Bind and connect. Raises AddressUnusable, KeysMissing or KeysUnsafe."""
        self._beat_ns = settings.supervisor.beat_ms * 1_000_000
        self._id = WorkerId("hub", 0, incarnation)
        keys = keys_for(settings.bus)
        meeting = Rendezvous(runtime, settings.bus.address, keys)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._doorkeeper = doorkeeper(self._context, keys) if keys is not None else None
        self._sockets: dict[Side, zmq.Socket[bytes]] = {}
        self._poller = zmq.Poller()
        try:
            for side in SIDES:
                self._sockets[side] = meeting.bind(self._context, side)
                self._poller.register(self._sockets[side], zmq.POLLIN)
            line = meeting.connect(self._context, "supervisor", self._id.identity)
        except BusError:
            self._end()
            raise
        self._poller.register(line, zmq.POLLIN)
        self._line = Link(line, "supervisor")
        alone, now_ns = incarnation == 1, time.monotonic_ns()
        within_ns = settings.supervisor.resume_within_s * 1_000_000_000
        self._switchboard = Switchboard(
            self._sockets,
            settings,
            runtime,
            record,
            incarnation=incarnation,
            now_ns=now_ns,
            since_ns=max(1, now_ns - within_ns) if alone else 0,
        )
        self._parent = os.getppid()
        self._stopping = self._draining = False
        self._waits = alone and self._switchboard.next_due_ns() is not None
        """Nobody is there yet to go on with the turns that a dead daemon left."""
        self._next_beat_ns = 0
        self._longest_step_ns = 0

    def run(self) -> None:
        """Route until told to stop, or until the parent is gone."""
        due_ns = self._next_due_ns()
        self._beat(time.monotonic_ns(), busy=self._waits or due_ns is not None)
        while not self._stopping:
            sleep_ms = self._sleep_ms(due_ns, time.monotonic_ns())
            arrived = dict(self._poller.poll(sleep_ms))
            began_ns = time.monotonic_ns()
            for side, socket in self._sockets.items():
                if socket in arrived:
                    self._read(side, socket)
            self._switchboard.flush()
            now_ns = time.monotonic_ns()
            due_ns = self._next_due_ns()
            if due_ns is not None and now_ns >= due_ns:
                self._switchboard.tick(now_ns)
                due_ns = self._next_due_ns()
            self._longest_step_ns = max(self._longest_step_ns, now_ns - began_ns)
            if self._line.socket in arrived:
                self._obey()
                due_ns = self._next_due_ns()
            busy = self._waits or due_ns is not None
            if self._draining and not busy:
                self._stopping = True  # no turn is open
            if now_ns >= self._next_beat_ns:
                self._beat(now_ns, busy=busy)

    def stop(self) -> None:
        """End `run` at its next step."""
        self._stopping = True

    def close(self) -> None:
        """Let go of sockets and files."""
        self._switchboard.close()
        self._line.close()
        self._end()

    def _end(self) -> None:
        for socket in self._sockets.values():
            socket.close()
        if self._doorkeeper is not None:
            self._doorkeeper.stop()
        self._context.term()

    def _read(self, side: Side, socket: zmq.Socket[bytes]) -> None:
        for count in range(_BATCH):
            message = receive_from(socket)
            if message is None:
                break
            self._switchboard.take(side, message, time.monotonic_ns())
            if not count:
                self._switchboard.commit(time.monotonic_ns())  # a lone one waits for nothing
            if not has_arrived(socket):
                break
        self._switchboard.commit(time.monotonic_ns())

    def _obey(self) -> None:
        while self._line.arrived():
            order = self._line.take()
            if isinstance(order, Order):
                self._stopping |= order.kind == "stop"
                self._draining |= order.kind == "drain"
                if order.kind == "start" and self._waits:
                    self._waits = False
                    self._switchboard.started(time.monotonic_ns())

    def _beat(self, now_ns: int, *, busy: bool) -> None:
        self._next_beat_ns = now_ns + self._beat_ns * (1 if busy else _IDLE_BEATS)
        if os.getppid() != self._parent:
            log.warning("the supervisor is gone; the hub ends")
            self._stopping = True
        self._line.offer(
            Vitals(
                stage="hub",
                worker=0,
                incarnation=self._id.incarnation,
                ready=True,
                busy=busy,
                step_ms=self._longest_step_ns / 1e6,
                dropped=self._switchboard.dropped,
            )
        )
        self._longest_step_ns = 0

    def _next_due_ns(self) -> int | None:
        return None if self._waits else self._switchboard.next_due_ns()

    def _sleep_ms(self, due_ns: int | None, now_ns: int) -> int:
        """Return how long nothing is due: idle, the hub wakes for its beat alone."""
        if self._switchboard.is_stuck:
            return _RETRY_MS
        until_ns = self._next_beat_ns
        if due_ns is not None:
            until_ns = min(until_ns, due_ns)
        return max(0, -((now_ns - until_ns) // 1_000_000))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bus.hub", description=__doc__)
    parser.add_argument("--runtime", type=Path, required=True)
    parser.add_argument("--worker", type=int, default=0, choices=(0,))
    parser.add_argument("--incarnation", type=int, default=1)
    parser.add_argument("--record", type=Path, help="recording that closed turns are added to")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the hub; return the exit code."""
    arguments = _arguments(argv)
    try:
        settings = settings_from_json((arguments.runtime / "settings.json").read_bytes())
        log.configure(settings.daemon.log_level, stage="hub")
        hub = Hub(arguments.runtime, settings, arguments.incarnation, arguments.record)
    except (BusError, ConfigError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    signal.signal(signal.SIGTERM, lambda _number, _frame: hub.stop())
    try:
        hub.run()
    finally:
        hub.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
