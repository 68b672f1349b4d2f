from pathlib import Path

import pytest

from models.durable import write_whole


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    """A torn file would hold what is left of a full disk."""
    (tmp_path / "state").mkdir()
    with pytest.raises(OSError, match="state"):
        write_whole(tmp_path / "state", b"x" * 1_000)
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
