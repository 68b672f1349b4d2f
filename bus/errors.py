"""What can go wrong on the bus.

BusError
├── WireError            bytes that are no frame; counted and dropped, never fatal
│   ├── UnknownFrame     a tag that no frame has
│   ├── MalformedFrame   broken MessagePack, a wrong type, a value out of range, NaN
│   ├── WrongParts       too few or too many parts for the frame
│   ├── OddSamples       sound that is not whole 16-bit samples
│   └── OversizedPart    a part above MAX_PART_BYTES
├── HubSilent            the hub did not answer, or takes nothing more
├── BusUnusable          no socket can be had as it is asked for; a setting is the remedy
│   ├── AddressUnusable  a socket path is too long, or an address is no address
│   ├── KeysMissing      tcp without CURVE keys
│   └── KeysUnsafe       a key file that others may read, or that holds no key
├── LogDamaged           a frame log that is broken before its last record
├── RecordingRefused     a recording of another version
└── RecordingUnusable    a recording that cannot be written or read
"""

from __future__ import annotations


class BusError(Exception):
    """One line that says what, where and what to do."""


class WireError(BusError):
    """Bytes that are no frame."""


class UnknownFrame(WireError):
    """A tag that no frame has."""


class MalformedFrame(WireError):
    """Broken MessagePack, a wrong type, a value out of range, or NaN."""


class WrongParts(WireError):
    """Too few or too many parts for the frame."""


class OddSamples(WireError):
    """Sound that is not whole 16-bit samples."""


class OversizedPart(WireError):
    """A part above the limit."""


class HubSilent(BusError):
    """The hub did not answer, or takes nothing more."""


class BusUnusable(BusError):
    """No socket can be had as it is asked for; a setting is the remedy."""


class AddressUnusable(BusUnusable):
    """A socket path is too long, or an address is no address."""


class KeysMissing(BusUnusable):
    """tcp was asked for and there are no CURVE keys."""


class KeysUnsafe(BusUnusable):
    """A key file that others may read, or that holds no key."""


class LogDamaged(BusError):
    """A frame log that is broken before its last record."""


class RecordingRefused(BusError):
    """A recording of another version."""


class RecordingUnusable(BusError):
    """A recording that cannot be written or read."""
