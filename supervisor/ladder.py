"""Latency budgets: how long a stage took in each turn in; a rung down or up out. Pure.

A stage is moved by turns, not by time: what counts is what a user waited for.
"""

from __future__ import annotations

from collections import deque
from typing import Final

_LOOK_BACK: Final = 3
"""Turns that are looked at before a stage is moved down."""

_BREACHES_DOWN: Final = 2
"""Of those, so many over the budget move it down: a single slow turn is an accident."""

_HEADROOM: Final = 0.6
"""Share of the budget below which there is room for the dearer way."""

_QUIET_TURNS_UP: Final = 5
"""Turns in a row with headroom that move a stage up."""

_MOST_QUIET_TURNS: Final = 80
"""The way up grows twice as long with each failure, to this length."""


class Ladder:
    """Where one stage stands: rung 0 is the full way, each further one is cheaper."""

    def __init__(self, budget_ms: int, rungs: int) -> None:
        """Take the budget of a step, and how many rungs lie below the full way."""
        self._budget_ms = budget_ms
        self._rungs = rungs
        self._recent: deque[bool] = deque(maxlen=_LOOK_BACK)
        self._quiet_turns = 0
        self._needed_up = _QUIET_TURNS_UP
        self._climbed = False
        self.rung = 0
        self.breaches = 0
        """Turns over the budget, ever."""

    def share(self, took_ms: float) -> float:
        """Return how much of the budget was used; 1: all of it."""
        return took_ms / self._budget_ms

    def feed(self, took_ms: float, *, excused: bool = False) -> bool:
        """Take notice of a turn; return whether the rung has changed.

        excused: a breach that is not held against the stage: nobody had to wait for it.
        """
        breach = took_ms > self._budget_ms and not excused
        self.breaches += breach
        self._recent.append(breach)
        self._quiet_turns = self._quiet_turns + 1 if took_ms < self._budget_ms * _HEADROOM else 0
        if sum(self._recent) >= _BREACHES_DOWN and self.rung < self._rungs:
            if self._climbed:  # the last step up was too early
                self._needed_up = min(2 * self._needed_up, _MOST_QUIET_TURNS)
            return self._move(self.rung + 1, climbed=False)
        if self.rung and self._quiet_turns >= self._needed_up:
            return self._move(self.rung - 1, climbed=True)
        if self._climbed and self._quiet_turns >= self._needed_up:
            self._climbed, self._needed_up = False, _QUIET_TURNS_UP
        return False

    def _move(self, rung: int, *, climbed: bool) -> bool:
        self.rung = rung
        self._climbed = climbed
        self._recent.clear()
        self._quiet_turns = 0
        return True
