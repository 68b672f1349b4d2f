"""Several workers of a stage: one of them is killed in mid-turn, another one takes the turn."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from bus.frames import AudioChunk, Clause, SpeechChunk
from tests.daemon import environment, members, reached, seen, started

_DEATHS = (
    ("encoder", seen(AudioChunk, 20)),
    ("thinker", seen(Clause)),
    ("talker", seen(SpeechChunk)),
)
"""Who dies, and when in its turn."""


def test_another_one_takes_the_turn_of_a_dead_worker(tmp_path: Path, recordings: Path) -> None:
    """Encoder, thinker and talker are two each; in each of three turns the one that had it dies."""
    twice = [part for name, _ in _DEATHS for part in ("--set", f"{name}.workers=2")]
    with started(
        "ask", "--profile", "tiny", "--realtime", "--json", *twice,
        *[recordings / "question_en.wav"] * len(_DEATHS),
        "--set", "thinker.most_tokens=12", "--set", "capture.gap_between_files_ms=200",
        env=environment(tmp_path),
    ) as process:  # fmt: skip
        for turn, (victim, moment) in enumerate(_DEATHS, 1):
            reached(process, tmp_path, moment, turn)
            crew = members(process.pid)
            assert {victim, f"{victim}.1"} <= crew.keys()
            os.kill(crew[victim], signal.SIGKILL)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, ""), output
    result = json.loads(output)
    assert [turn["redelivered"] for turn in result["turns"]] == [1] * len(_DEATHS)
    for turn in result["turns"]:
        assert "what else are you" in turn["transcript"].lower()
        assert turn["heard"] == turn["answer"] != ""
    restarts = {name: worker["restarts"] for name, worker in result["workers"].items()}
    for victim, _ in _DEATHS:
        assert (restarts[victim], restarts[f"{victim}.1"]) == (1, 0)
