from __future__ import annotations

import pytest

from config.load import load_settings
from supervisor.ladders import Ladders, TurnTimes

SETTINGS = load_settings(
    "tiny",
    None,
    [
        "supervisor.turn_budget_ms=900", "encoder.budget_ms=250", "thinker.budget_ms=400",
        "talker.budget_ms=120",
    ],
)  # fmt: skip


@pytest.fixture
def ladders() -> Ladders:
    return Ladders(SETTINGS)


def test_a_slow_step_in_a_quick_turn_harms_nobody(ladders: Ladders) -> None:
    """Work that was done ahead may take its time."""
    for _ in range(5):
        assert ladders.feed(TurnTimes(800.0, 600.0, 700.0, 500.0)) == []


def test_the_stage_that_made_turns_late_goes_down(ladders: Ladders) -> None:
    """The one that is furthest over its budget, relative to it; within three turns."""
    assert ladders.feed(TurnTimes(1_500.0, 300.0, 450.0, 600.0)) == []
    assert ladders.feed(TurnTimes(1_500.0, 300.0, 450.0, 600.0)) == [("talker", 1)]
    assert [ladders.rung(stage) for stage in ("encoder", "thinker", "talker")] == [0, 0, 1]


def test_the_next_culprit_follows(ladders: Ladders) -> None:
    """Once the first has its cheaper way, another may be the one."""
    moved = [ladders.feed(TurnTimes(1_500.0, 300.0, 900.0, 600.0)) for _ in range(2)]
    moved += [ladders.feed(TurnTimes(1_500.0, 300.0, 900.0, 20.0)) for _ in range(2)]
    assert [each for each in moved if each] == [[("talker", 1)], [("thinker", 1)]]


def test_head_room_brings_them_back(ladders: Ladders) -> None:
    """When the cause has gone the dear way is taken again."""
    for _ in range(2):
        ladders.feed(TurnTimes(1_500.0, 100.0, 900.0, 60.0))
    moved = [ladders.feed(TurnTimes(500.0, 100.0, 200.0, 60.0)) for _ in range(5)]
    assert moved == [[], [], [], [], [("thinker", 0)]]


def test_what_is_not_known_moves_nobody(ladders: Ladders) -> None:
    """A turn that was stopped, or answered with a notice."""
    for _ in range(5):
        assert ladders.feed(TurnTimes(None, None, None, None)) == []
        assert ladders.feed(TurnTimes(2_000.0, None, None, None)) == []


def test_other_stages_have_no_ladder(ladders: Ladders) -> None:
    """Capture and playback know one way only."""
    assert ladders.rung("capture") == 0
