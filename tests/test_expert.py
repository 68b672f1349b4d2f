"""The whole daemon with an expert that dies while it speaks."""

from __future__ import annotations

from pathlib import Path

from benchmarks.fault_expert import measure
from benchmarks.fault_house import Scene


def test_a_turn_outlives_the_expert(tmp_path: Path) -> None:
    """What the expert began is ended by the model in the house, and heard to the end."""
    figures = measure(Scene(tmp_path, "tiny", 1, 1, (), ()))["server"]
    assert (figures["killed"], figures["answered"]) == (1, 1)
