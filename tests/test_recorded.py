"""Every recording in tests/recorded makes the same again: a recorded problem becomes a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Replayer

FOLDER = Path(__file__).parent / "recorded"
MOST_BYTES = 300_000


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.frames")))
def test_a_recording_is_made_the_same_again(replayed: Replayer, name: str) -> None:
    """To the byte on the machine that recorded it; on others within --tolerance."""
    assert replayed(FOLDER / name) == []
    assert (FOLDER / name).stat().st_size < MOST_BYTES
