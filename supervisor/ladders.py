"""The ladders of all stages: a turn's times in; which stage changes its rung out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from supervisor.ladder import Ladder

if TYPE_CHECKING:
    from bus.frames import Member, StageName
    from config.settings import Settings

RUNGS: Final[dict[StageName, int]] = {"encoder": 1, "thinker": 2, "talker": 1}
"""Cheaper ways of each stage. encoder: no partial transcripts; thinker: short answers, then
without the notes; talker: espeak-ng's voice."""


class TurnTimes(NamedTuple):
    """How long a turn took; None: that step is not known."""

    total_ms: float | None
    """Last word to first sound."""
    encoder_ms: float | None
    """Pause to its transcript."""
    thinker_ms: float | None
    """Transcript to first clause."""
    talker_ms: float | None
    """First clause to its first sound."""


class Ladders:
    """Finds the stage that made a turn late.

    Only a turn that was late as a whole counts against anybody, and only against the stage that
    was furthest over its own budget: a slow step that nobody waited for harms nobody.
    """

    def __init__(self, settings: Settings) -> None:
        self._is_on = settings.supervisor.degrade
        self._turn_budget_ms = settings.supervisor.turn_budget_ms
        self._ladders: dict[StageName, Ladder] = {
            "encoder": Ladder(settings.encoder.budget_ms, RUNGS["encoder"]),
            "thinker": Ladder(settings.thinker.budget_ms, RUNGS["thinker"]),
            "talker": Ladder(settings.talker.budget_ms, RUNGS["talker"]),
        }

    def rung(self, stage: Member) -> int:
        """Return where a stage stands."""
        return next((each.rung for name, each in self._ladders.items() if name == stage), 0)

    def feed(self, times: TurnTimes) -> list[tuple[StageName, int]]:
        """Take notice of a turn; return the stages that move, with their new rungs."""
        if not self._is_on:
            return []
        took: dict[StageName, float | None] = {
            "encoder": times.encoder_ms,
            "thinker": times.thinker_ms,
            "talker": times.talker_ms,
        }
        known = {stage: ms for stage, ms in took.items() if ms is not None}
        late = times.total_ms is not None and times.total_ms > self._turn_budget_ms
        shares = {stage: self._ladders[stage].share(ms) for stage, ms in known.items()}
        worst = sorted(shares, key=shares.__getitem__)[-1:]
        return [
            (stage, self._ladders[stage].rung)
            for stage, ms in known.items()
            if self._ladders[stage].feed(ms, excused=not late or stage not in worst)
        ]
