"""Memory limits on a running daemon: limits that are too low in, a restarted worker out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.daemon import environment, run


@pytest.mark.parametrize("victim", ["talker", "encoder"])
def test_a_worker_above_its_hard_limit_is_restarted_between_turns(
    tmp_path: Path, recordings: Path, victim: str
) -> None:
    """It finishes what it has in hand; no turn is lost and none is heard twice."""
    done = run(
        "ask", "--profile", "tiny", "--realtime", "--json", "--set", "thinker.most_tokens=12",
        "--set", f"{victim}.limits.soft_mb=10", "--set", f"{victim}.limits.hard_mb=20",
        recordings / "question_en.wav", recordings / "question_en.wav",
        env=environment(tmp_path),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert result["workers"][victim]["restarts"] == 1
    assert len(result["turns"]) == 2
    assert all(turn["heard"] == turn["answer"] != "" for turn in result["turns"])
