"""One DEALER of a worker: frames in and out of a socket, malformed ones counted."""

from __future__ import annotations

import zmq

from bus import wire
from bus.errors import HubSilent, WireError
from bus.frames import AnyFrame
from bus.sockets import has_arrived, receive, send

_LAST_WORDS_MS = 250
"""How long `close` waits for what was sent last, such as the reason of a worker's end."""


class Link:
    """A socket that speaks frames."""

    def __init__(self, socket: zmq.Socket[bytes], name: str) -> None:
        self.socket = socket
        self.dropped = 0
        """Malformed messages refused."""
        self.received_bytes = 0
        """Cost of all messages taken, malformed ones too, as the hub counts credit."""
        self._name = name

    def send(self, frame: AnyFrame, within_ms: int) -> None:
        """Send `frame`. Raises HubSilent when nothing is taken for `within_ms`."""
        parts = wire.encode(frame)
        if self._sent(parts):
            return
        if self.socket.poll(within_ms, zmq.POLLOUT) and self._sent(parts):
            return
        raise HubSilent(
            f"{self._name}: {type(frame).__name__} was not taken within {within_ms} ms; "
            "is the hub running?"
        )

    def offer(self, frame: AnyFrame) -> bool:
        """Send `frame` if that needs no waiting; return whether it went."""
        return self._sent(wire.encode(frame))

    def arrived(self) -> bool:
        """Return whether a message can be taken now."""
        return has_arrived(self.socket)

    def take(self) -> AnyFrame | None:
        """Return the next message's frame; None: nothing has arrived, or it was malformed."""
        parts = receive(self.socket)
        if parts is None:
            return None
        self.received_bytes += wire.cost_bytes(parts)
        try:
            return wire.decode(parts)
        except WireError:
            self.dropped += 1
            return None

    def close(self) -> None:
        """Close the socket; what was sent last gets a moment to leave."""
        self.socket.close(linger=_LAST_WORDS_MS)

    def _sent(self, parts: list[bytes]) -> bool:
        try:
            send(self.socket, parts)
        except zmq.Again:
            return False
        return True
