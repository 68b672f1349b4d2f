from __future__ import annotations

from pathlib import Path

from benchmarks.fault_house import Scene
from benchmarks.fault_remember import killed_writers


def test_a_kill_while_remembering_loses_nothing(tmp_path: Path) -> None:
    """What was acknowledged is there, what was forgotten is not, and the store is whole."""
    scene = Scene(tmp_path, profile="tiny", rounds=2, seed=1, settings=(), victims=())
    row = killed_writers(scene)
    assert row["ok"], row
    assert row["acknowledged"] >= 2
