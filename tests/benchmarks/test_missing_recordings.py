from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import emotion, turn
from benchmarks.scenes import WrongRecording, rows


def test_a_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    """And what to give."""
    with pytest.raises(WrongRecording, match=r"en_digits.*--data"):
        list(rows(tmp_path / "en_digits"))


@pytest.mark.parametrize("section", ["cutoffs", "bursts"])
def test_a_section_without_its_recordings_says_so_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], section: str
) -> None:
    """Exit code 2, as other bad input has."""
    assert turn.main(["--only", section, "--data", str(tmp_path / "none")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--data" in line


def test_emotion_says_what_to_give(capsys: pytest.CaptureFixture[str]) -> None:
    """In one line."""
    assert emotion.main(["--unseen"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--data" in line
