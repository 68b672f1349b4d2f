"""ZeroMQ sockets with bounded queues: a runtime folder or an address in, sockets out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

import zmq

from bus.errors import AddressUnusable, KeysMissing
from bus.keys import Keys
from bus.wire import MAX_PART_BYTES

Line = Literal["data", "control", "supervisor"]
LINES: Final[tuple[Line, ...]] = ("data", "control", "supervisor")

LONGEST_PATH_BYTES: Final = 107
"""sockaddr_un.sun_path holds 108 bytes with its final zero (unix(7))."""

_QUEUED_MESSAGES: Final = 4_096
"""Bound of each ZeroMQ queue. Bytes are bounded before that, by credit."""

_LARGEST_MESSAGE_BYTES: Final = 2 * MAX_PART_BYTES
"""ZeroMQ cuts off a peer that sends a longer part; one between the limits is counted by name."""

_NOW: Final = int(zmq.DONTWAIT)
_NOW_AND_MORE: Final = int(zmq.DONTWAIT | zmq.SNDMORE)
_EVENTS: Final = int(zmq.EVENTS)
_RCVMORE: Final = int(zmq.RCVMORE)
_POLLIN: Final = int(zmq.POLLIN)
"""As plain numbers, for every message is sent and received with them."""

_RECONNECT_FIRST_MS: Final = 20
_RECONNECT_MOST_MS: Final = 500
_TCP: Final = re.compile(r"tcp://(?P<host>[^\s/]+):(?P<port>\d{1,5})")


class Rendezvous:
    """Where the hub and the supervisor are met."""

    def __init__(self, runtime: Path, address: str = "", keys: Keys | None = None) -> None:
        """Take the runtime folder, and a tcp address with its keys where one is used.

        address: empty for sockets in `runtime`; or tcp://HOST:PORT, the first of three ports.
        Raises KeysMissing for tcp without keys, AddressUnusable for anything else.
        """
        self._runtime = runtime
        self._keys = keys
        self._tcp = _TCP.fullmatch(address) if address else None
        if address and self._tcp is None:
            raise AddressUnusable(
                f"bus.address {address!r}: write tcp://HOST:PORT, or leave it empty"
            )
        if self._tcp is not None and keys is None:
            raise KeysMissing(
                f"bus.address {address}: tcp is refused without keys; "
                "make them with: python -m bus.keys"
            )

    def address(self, line: Line) -> str:
        """Return the address of `line`. Raises AddressUnusable when the path is too long."""
        if self._tcp is not None:
            return f"tcp://{self._tcp['host']}:{int(self._tcp['port']) + LINES.index(line)}"
        path = str(self._runtime / line)
        if len(path.encode()) > LONGEST_PATH_BYTES:
            raise AddressUnusable(
                f"{path}: longer than the {LONGEST_PATH_BYTES} bytes of a socket path; "
                "use a shorter runtime folder"
            )
        return f"ipc://{path}"

    def bind(self, context: zmq.Context[zmq.Socket[bytes]], line: Line) -> zmq.Socket[bytes]:
        """Return a ROUTER bound to `line`; the runtime folder is made private first.

        Raises AddressUnusable when it cannot be bound.
        """
        address = self.address(line)
        if self._tcp is None:
            self._runtime.mkdir(parents=True, exist_ok=True)
            self._runtime.chmod(0o700)
        router = _bounded(context.socket(zmq.ROUTER))
        router.setsockopt(zmq.ROUTER_MANDATORY, 1)
        # A worker that connects again before the hub has seen its old connection end is let in.
        router.setsockopt(zmq.ROUTER_HANDOVER, 1)
        if self._tcp is not None and self._keys is not None:
            self._keys.serve(router)
        return _attached(router, address, bind=True)

    def connect(
        self, context: zmq.Context[zmq.Socket[bytes]], line: Line, identity: bytes
    ) -> zmq.Socket[bytes]:
        """Return a DEALER named `identity` that connects, and connects again, to `line`."""
        address = self.address(line)
        dealer = _bounded(context.socket(zmq.DEALER))
        dealer.setsockopt(zmq.IDENTITY, identity)
        dealer.setsockopt(zmq.RECONNECT_IVL, _RECONNECT_FIRST_MS)
        dealer.setsockopt(zmq.RECONNECT_IVL_MAX, _RECONNECT_MOST_MS)
        if self._tcp is not None and self._keys is not None:
            self._keys.visit(dealer)
        return _attached(dealer, address, bind=False)


def receive(dealer: zmq.Socket[bytes]) -> list[bytes] | None:
    """Return the parts of a message that has arrived at a worker; None: there is none."""
    try:
        return _with_rest(dealer, [dealer.recv(_NOW)])
    except zmq.Again:
        return None


def receive_from(router: zmq.Socket[bytes]) -> list[bytes] | None:
    """Return a message that has arrived at a ROUTER, its sender first; None: there is none."""
    try:
        # Behind the sender there is always a part, so it need not be asked for.
        return _with_rest(router, [router.recv(_NOW), router.recv(_NOW)])
    except zmq.Again:
        return None


def has_arrived(socket: zmq.Socket[bytes]) -> bool:
    """Return whether a message can be received now: asking costs less than to find none."""
    return bool(int(socket.get(_EVENTS)) & _POLLIN)


def send(socket: zmq.Socket[bytes], parts: Sequence[bytes]) -> None:
    """Let a message leave without waiting. Raises zmq.ZMQError, with nothing sent.

    Like send_multipart, which looks at each part once more: here they are bytes.
    """
    for part in parts[:-1]:
        socket.send(part, _NOW_AND_MORE)
    socket.send(parts[-1], _NOW)


def sender_at(router: zmq.Socket[bytes]) -> Callable[[bytes, list[bytes]], bool]:
    """Return a function that sends parts to an identity, or says that it cannot."""

    def send_to(identity: bytes, parts: list[bytes]) -> bool:
        try:
            send(router, (identity, *parts))
        except zmq.ZMQError as error:
            if error.errno in (zmq.EAGAIN, zmq.EHOSTUNREACH):
                return False
            raise
        return True

    return send_to


def _with_rest(socket: zmq.Socket[bytes], parts: list[bytes]) -> list[bytes]:
    while socket.get(_RCVMORE):
        parts.append(socket.recv(_NOW))
    return parts


def _bounded(socket: zmq.Socket[bytes]) -> zmq.Socket[bytes]:
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.SNDHWM, _QUEUED_MESSAGES)
    socket.setsockopt(zmq.RCVHWM, _QUEUED_MESSAGES)
    socket.setsockopt(zmq.MAXMSGSIZE, _LARGEST_MESSAGE_BYTES)
    return socket


def _attached(socket: zmq.Socket[bytes], address: str, *, bind: bool) -> zmq.Socket[bytes]:
    try:
        if bind:
            socket.bind(address)
        else:
            socket.connect(address)
    except zmq.ZMQError as error:
        socket.close()
        raise AddressUnusable(f"{address}: {error.strerror}; is another daemon there?") from error
    return socket
