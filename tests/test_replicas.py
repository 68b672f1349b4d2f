"""Several workers of a stage: one of them is killed in mid-turn, another one takes the turn."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from bus.frames import AudioChunk, Clause, SpeechChunk
from tests.daemon import command, environment, members
from tests.test_kills import frames_of

_DEATHS = (("encoder", AudioChunk, 20), ("thinker", Clause, 1), ("talker", SpeechChunk, 1))
"""Who dies, once so many frames of a type were logged of the turn."""


def test_another_one_takes_the_turn_of_a_dead_worker(tmp_path: Path, recordings: Path) -> None:
    """Encoder, thinker and talker are two each; in each of three turns the one that had it dies."""
    twice = [part for name, _, _ in _DEATHS for part in ("--set", f"{name}.workers=2")]
    with subprocess.Popen(
        command(
            "ask", "--profile", "tiny", "--realtime", "--json", *twice,
            *[recordings / "question_en.wav"] * len(_DEATHS),
            "--set", "thinker.most_tokens=12", "--set", "capture.gap_between_files_ms=200",
        ),
        env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        for turn, (victim, kind, count) in enumerate(_DEATHS, 1):
            deadline_s = time.monotonic() + 60
            while sum(isinstance(frame, kind) for frame in frames_of(tmp_path, turn)) < count:
                assert process.poll() is None
                assert time.monotonic() < deadline_s
                time.sleep(0.01)
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
    for victim, _, _ in _DEATHS:
        assert (restarts[victim], restarts[f"{victim}.1"]) == (1, 0)
