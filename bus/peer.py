"""The hub's view of one worker: messages for it go in, as many as it has credit for go out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Literal

from bus.wire import cost_bytes
from bus.workers import WorkerId

Parts = list[bytes]
Sender = Callable[[bytes, Parts], bool]
"""Sends parts to an identity without waiting; returns whether they went."""

_MOST_CONTROL: Final = 16_384
"""Control messages that wait for one worker: hours of a conversation."""


class Peer:
    """Two bounded queues: data by bytes and credit, control by count."""

    def __init__(
        self, worker: WorkerId, window_bytes: int, backlog_bytes: int, data: Sender, control: Sender
    ) -> None:
        self.id = worker
        self.identity = worker.identity
        self.is_stuck = False
        """A socket took nothing: to be tried again soon. Waiting for credit is not being stuck."""
        self._window_bytes = window_bytes
        self._backlog_most_bytes = backlog_bytes
        self._send_data = data
        self._send_control = control
        self._data: deque[Parts] = deque()
        self._control: deque[Parts] = deque()
        self._backlog_bytes = 0
        self._sent_bytes = 0
        self._consumed_bytes = 0

    def welcomed(self, window_bytes: int) -> None:
        """Begin to count anew: the worker has said Hello again."""
        self._window_bytes = window_bytes
        self._sent_bytes = self._consumed_bytes = 0

    def push(self, parts: Parts, line: Literal["data", "control"], *, must: bool = False) -> bool:
        """Send or queue a message; return False, with nothing queued, if too many wait.

        must: queue data whatever waits: it is part of something that is useless with a gap.
        """
        if line == "control":
            if len(self._control) >= _MOST_CONTROL:
                return False
            if self._control or not self._send_control(self.identity, parts):
                self._control.append(parts)
                self.is_stuck = True
            return True
        cost = cost_bytes(parts)
        if not self._data and self._has_credit(cost):
            if self._send_data(self.identity, parts):
                self._sent_bytes += cost
                return True
            self.is_stuck = True
        if not must and self._backlog_bytes + cost > self._backlog_most_bytes:
            return False
        self._data.append(parts)
        self._backlog_bytes += cost
        return True

    def credit(self, consumed_bytes: int) -> None:
        """Take the worker's count of what it has consumed since Hello; send what that lets go."""
        self._consumed_bytes = max(self._consumed_bytes, consumed_bytes)
        self.flush()

    def flush(self) -> None:
        """Send what waits, as far as sockets and credit allow."""
        self.is_stuck = False
        while self._control:
            if not self._send_control(self.identity, self._control[0]):
                self.is_stuck = True
                break
            self._control.popleft()
        while self._data:
            cost = cost_bytes(self._data[0])
            if not self._has_credit(cost):
                return
            if not self._send_data(self.identity, self._data[0]):
                self.is_stuck = True
                return
            self._data.popleft()
            self._backlog_bytes -= cost
            self._sent_bytes += cost

    def _has_credit(self, cost: int) -> bool:
        """Return whether `cost` bytes may be under way; a lone message of any size may."""
        under_way_bytes = max(0, self._sent_bytes - self._consumed_bytes)
        return under_way_bytes == 0 or under_way_bytes + cost <= self._window_bytes
