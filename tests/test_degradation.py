"""Turns that are late on a running daemon: a cheaper way is taken, and every turn is answered."""

from __future__ import annotations

import json
from pathlib import Path

from tests.daemon import environment, run


def test_a_slow_voice_gives_way_to_a_quick_one(tmp_path: Path, recordings: Path) -> None:
    """Under a budget that Piper cannot keep espeak-ng speaks from the third turn on."""
    done = run(
        "ask", "--profile", "tiny", "--realtime", "--json", "--set", "thinker.most_tokens=12",
        "--set", "supervisor.turn_budget_ms=1", "--set", "talker.budget_ms=1",
        "--set", "thinker.budget_ms=100000", "--set", "encoder.budget_ms=100000",
        *[recordings / "question_en.wav"] * 3,
        env=environment(tmp_path),
    )  # fmt: skip
    result = json.loads(done.stdout)
    assert done.returncode == 0
    assert result["workers"]["talker"]["rung"] == 1
    assert result["workers"]["thinker"]["rung"] == 0
    first_chunks_ms = [turn["steps_ms"]["first_chunk"] for turn in result["turns"]]
    assert len(first_chunks_ms) == 3
    assert min(first_chunks_ms) > 0
    assert all(turn["heard"] == turn["answer"] != "" for turn in result["turns"])
