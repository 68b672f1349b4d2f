from __future__ import annotations

from config.stage_settings import Partials
from stages.partial_pacing import Pacing

MS = 16
SETTINGS = Partials(
    share=0.4, first_ms=400, least_ms=200, cost_ms=60, cost_ms_per_s=40, least_log_probability=-0.6
)


def _due(pacing: Pacing, first_ms: int, end_ms: int, level_db: float = -20.0) -> int | None:
    """Hear chunks of 20 ms until a hypothesis is due; return when, in ms."""
    for now_ms in range(first_ms, end_ms, 20):
        pacing.heard(level_db)
        if pacing.is_due(now_ms * MS):
            return now_ms
    return None


def _spoken(sample_ms: int) -> Pacing:
    pacing = Pacing(SETTINGS)
    pacing.started(sample_ms * MS)
    pacing.heard(-20.0)
    return pacing


def test_the_first_is_early() -> None:
    """It is due so long after the beginning."""
    assert _due(_spoken(1_000), 1_000, 2_000) == 1_400


def test_nothing_is_due_before_the_beginning() -> None:
    """Sound alone starts nothing."""
    assert _due(Pacing(SETTINGS), 0, 2_000) is None


def test_the_share_is_kept() -> None:
    """All hypotheses together cost no more than the share of the sound so far, and one of them."""
    pacing, spent_ms, now_ms = _spoken(0), 0, 0
    while (due_ms := _due(pacing, now_ms, now_ms + 4_000)) is not None and due_ms < 20_000:
        assert spent_ms <= SETTINGS.share * due_ms
        spent_ms += SETTINGS.cost_ms + SETTINGS.cost_ms_per_s * due_ms // 1_000
        pacing.worked(due_ms * MS, due_ms * MS)
        now_ms = due_ms
    assert spent_ms > 0.9 * SETTINGS.share * now_ms


def test_what_was_not_spent_may_be() -> None:
    """After a late first hypothesis the second may come soon, but some new sound is heard."""
    pacing = _spoken(0)
    pacing.worked(2_000 * MS, 16_000)
    assert _due(pacing, 2_000, 4_000) == 2_200


def test_waits_while_a_pause_may_begin() -> None:
    """In a quiet moment it is put off until sound is loud again, but not for ever."""
    quiet = _spoken(0)
    assert _due(quiet, 300, 600, level_db=-50.0) is None
    assert _due(quiet, 600, 2_000) == 600
    assert _due(_spoken(0), 300, 2_000, level_db=-50.0) == 640


def test_a_second_beginning_changes_nothing() -> None:
    """A beginning that is told again, after a worker's death, does not put it off."""
    pacing = _spoken(0)
    pacing.started(1_000 * MS)
    assert pacing.is_due(500 * MS)


def test_dips_cost_no_partials() -> None:
    """The hypothesis of a dip that was no pause serves as one, and is not charged."""
    pacing = _spoken(0)
    for dip_ms in (600, 1_100, 1_600):
        pacing.paused(dip_ms * MS)
    assert _due(pacing, 1_600, 4_000) == 1_800
