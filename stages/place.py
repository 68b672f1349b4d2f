"""How far recordings were heard: kept in a tiny file, read back by a dead capture's successor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from config.logs import log

if TYPE_CHECKING:
    from pathlib import Path

_FILE: Final = "place.msgpack"


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A moment between utterances. All samples are of the capture clock."""

    begun: int
    """Files begun."""
    blocks: int | None
    """Blocks of 20 ms heard of the last of them; None: it is over."""
    next_at: int | None
    """Where the next file begins, if that is known."""
    clock_sample: int
    turns: int
    """Utterances heard so far."""
    file_end_sample: int | None = None
    answer_end_sample: int = 0


class PlaceFile:
    """Keeps the newest place in the runtime folder, in memory; None: keeps nothing.

    Whoever takes over hears again from there. What was sent before bears the same names, so the
    hub drops it, and the sound between is neither lost nor heard as another turn.
    """

    def __init__(self, runtime: Path | None) -> None:
        self._path = None if runtime is None else runtime / _FILE
        self._has_complained = False

    def read(self) -> Place | None:
        """Return the place that was kept; None where there is no readable one."""
        if self._path is None:
            return None
        try:
            return msgspec.msgpack.decode(self._path.read_bytes(), type=Place)
        except (OSError, msgspec.DecodeError):
            return None

    def write(self, place: Place) -> None:
        """Keep `place`; a full disk is told once, and hearing goes on."""
        if self._path is None:
            return
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_bytes(msgspec.msgpack.encode(place))
            fresh.replace(self._path)
        except OSError as error:
            if not self._has_complained:
                self._has_complained = True
                log.error(
                    "place in the recordings not kept; a death of capture begins them anew",
                    file=str(self._path),
                    reason=str(error),
                )
