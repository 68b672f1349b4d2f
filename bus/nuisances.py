"""Malformed messages by sender and time in; who is not listened to for a while out. Pure.

A peer may send a malformed message: a worker of another version, a cable, a bug. One that sends
nothing else would take the hub's time, a decoder's error at a time; beyond a rate what it sends
is thrown away unread.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

MOST_IN_PERIOD: Final = 64
PERIOD_NS: Final = 1_000_000_000
_MOST_PEERS: Final = 256
"""A stranger may call itself something else with each message; the oldest names are forgotten."""


class _Offence(Struct):
    since_ns: int
    count: int


class Nuisances:
    """Counts per peer and period: after MOST_IN_PERIOD it is muted until the period is over."""

    def __init__(self) -> None:
        self._offences: dict[bytes, _Offence] = {}
        self._has_muted = False

    def mutes(self, identity: bytes, now_ns: int) -> bool:
        """Return whether what a peer sends is not read now."""
        offence = self._offences.get(identity)
        return (
            offence is not None
            and offence.count >= MOST_IN_PERIOD
            and now_ns - offence.since_ns < PERIOD_NS
        )

    def offended(self, identity: bytes, now_ns: int) -> bool:
        """Take notice of a malformed message; return whether it mutes the first of all peers.

        That is worth a line in the log; a line for each name would be another flood.
        """
        offence = self._offences.pop(identity, None)
        if offence is None or now_ns - offence.since_ns >= PERIOD_NS:
            offence = _Offence(now_ns, 0)
        offence.count += 1
        self._offences[identity] = offence  # behind all others: the newest
        if len(self._offences) > _MOST_PEERS:
            del self._offences[next(iter(self._offences))]
        if offence.count < MOST_IN_PERIOD:
            return False
        is_first, self._has_muted = not self._has_muted, True
        return is_first
