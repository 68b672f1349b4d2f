"""Orders to take a cheaper way in; at which frame a stage takes it out. Pure.

A rung changes with the first frame of a turn that a stage has not seen, never within one: so it
is the same for all that the stage makes of a turn, can be told in the log, and is replayed.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from bus.frames import Obeyed, Order

if TYPE_CHECKING:
    from bus.frames import StageName

_REMEMBERED: Final = 256
"""Turns kept: far more than can be open."""


class Rungs:
    """Where a stage stands on its ladder."""

    def __init__(self) -> None:
        self.wanted = 0
        """The rung of turns that begin from now on."""
        self._rung = 0
        self._seen: OrderedDict[tuple[str, int], None] = OrderedDict()

    def begin(
        self, session: str, turn: int, stage: StageName
    ) -> tuple[Order | None, Obeyed | None]:
        """Take notice of a frame of a turn, or of a turn taken over.

        Return what `stage` has to obey before it, and what the log is told: of a turn that is
        not new nothing, and nothing of the highest rung.
        """
        if (session, turn) in self._seen:
            return None, None
        self._seen[session, turn] = None
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        order = Order(kind="degrade", rung=self.wanted) if self.wanted != self._rung else None
        self._rung = self.wanted
        told = Obeyed(session=session, turn=turn, stage=stage, rung=self._rung)
        return order, told if self._rung else None
