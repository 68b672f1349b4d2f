"""Frames of all turns in, the report of each turn out. Pure."""

from __future__ import annotations

from typing import TypeAlias

from bus.frames import AnyFrame, Closed, TurnFrame
from supervisor.report import TurnReport

TurnKey: TypeAlias = tuple[str, int]
"""Session and number."""


class Reports:
    """Every turn of a run, in the order in which they began."""

    def __init__(self, *, keep: bool = True) -> None:
        """Take whether closed turns are kept: a daemon that lives for months must not grow."""
        self._keep = keep
        self._turns: dict[TurnKey, TurnReport] = {}

    def feed(self, frame: AnyFrame) -> TurnReport | None:
        """Take notice of a frame; return a turn's report when it is closed by it."""
        if not isinstance(frame, TurnFrame):
            return None
        key = (frame.session, frame.turn)
        report = self._turns.setdefault(key, TurnReport(frame.turn))
        report.feed(frame)
        if not isinstance(frame, Closed):
            return None
        if not self._keep:
            del self._turns[key]
        return report

    @property
    def open_turns(self) -> set[TurnKey]:
        """Return session and number of the turns that are not closed."""
        return {key for key, report in self._turns.items() if report.closed is None}

    @property
    def turns(self) -> list[TurnReport]:
        """Return the reports of all turns that had words, or that nobody could write down."""
        return [report for report in self._turns.values() if report.is_of_interest]

    @property
    def all_answered(self) -> bool:
        """Return whether each turn that wanted an answer had one, if only until it was stopped."""
        return all(
            report.answered or report.is_noise or report.interrupted
            for report in self._turns.values()
        )
