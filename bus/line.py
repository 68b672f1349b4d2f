"""The supervisor's own line: Vitals of all workers come in, Orders go out."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import zmq

from bus import wire
from bus.errors import BusError, WireError
from bus.frames import Member, Order, Vitals
from bus.keys import doorkeeper, keys_for
from bus.sockets import Rendezvous, receive_from
from bus.workers import WorkerId

if TYPE_CHECKING:
    from config.settings import Bus


class SupervisorLine:
    """The supervisor's ROUTER, to be opened before hub and workers are started."""

    def __init__(self, runtime: Path, bus: Bus) -> None:
        """Bind in `runtime`, which is made private; or at bus.address where one is set.

        Raises AddressUnusable, KeysMissing or KeysUnsafe.
        """
        self.dropped = 0
        """Malformed messages, and frames that are no Vitals of their sender."""
        keys = keys_for(bus)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._doorkeeper = doorkeeper(self._context, keys) if keys is not None else None
        try:
            self._router = Rendezvous(runtime, bus.address, keys).bind(self._context, "supervisor")
        except BusError:
            self._end()
            raise

    def receive(self, timeout_ms: float | None) -> Vitals | None:
        """Return the next Vitals; None: none came within `timeout_ms` (None: wait for ever)."""
        while self._router.poll(None if timeout_ms is None else math.ceil(timeout_ms)):
            parts = receive_from(self._router)
            vitals = _vitals(parts) if parts else None
            if vitals is not None:
                return vitals
            self.dropped += 1
        return None

    def order(self, stage: Member, worker: int, incarnation: int, order: Order) -> bool:
        """Give `order` to a worker; return False if it is not connected or takes nothing."""
        identity = WorkerId(stage, worker, incarnation).identity
        try:
            self._router.send_multipart([identity, *wire.encode(order)], zmq.DONTWAIT)
        except zmq.ZMQError as error:
            if error.errno in (zmq.EHOSTUNREACH, zmq.EAGAIN):
                return False
            raise
        return True

    def close(self) -> None:
        """Let go of the socket; an order that was just given still leaves."""
        self._router.close(linger=250)
        self._end()

    def _end(self) -> None:
        if self._doorkeeper is not None:
            self._doorkeeper.stop()
        self._context.term()


def _vitals(parts: list[bytes]) -> Vitals | None:
    try:
        frame = wire.decode(parts[1:])
    except WireError:
        return None
    if not isinstance(frame, Vitals):
        return None
    sender = WorkerId(frame.stage, frame.worker, frame.incarnation).identity
    return frame if sender == parts[0] else None
