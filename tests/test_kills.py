"""Deaths in the middle of a turn: a process is killed, the turn is answered all the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import wave
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from bus.frames import AudioChunk, Clause, Played, SpeechChunk, SpeechEnded
from tests.daemon import Moment, environment, members, reached, seen, started


def asked(
    runtime: Path, *recordings: str | Path, restarts: int = 9
) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start a daemon that hears recordings in real time."""
    return started(
        "ask", "--profile", "tiny", "--realtime", "--json", *recordings,
        "--set", "thinker.most_tokens=12",
        "--set", "capture.gap_between_files_ms=200",
        "--set", f"supervisor.max_restarts={restarts}",
        env=environment(runtime),
    )  # fmt: skip


def _kill(
    process: subprocess.Popen[str], runtime: Path, victim: str, moment: Moment, turn: int
) -> None:
    """Kill `victim` when what was logged of `turn` says so."""
    reached(process, runtime, moment, turn)
    os.kill(members(process.pid)[victim], signal.SIGKILL)


DEATHS: Sequence[tuple[str, Moment]] = (
    ("capture", seen(AudioChunk, 40)),
    ("encoder", seen(SpeechEnded)),
    ("thinker", seen(Clause)),
    ("talker", seen(SpeechChunk)),
    ("playback", seen(Played, 5)),
)


def test_a_killed_worker_costs_no_word(tmp_path: Path, recordings: Path) -> None:
    """In each turn another one dies; all is heard, once, and no turn is lost or doubled."""
    with asked(tmp_path, *[recordings / "question_en.wav"] * len(DEATHS)) as process:
        for turn, (victim, moment) in enumerate(DEATHS, 1):
            _kill(process, tmp_path, victim, moment, turn)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, ""), output
    result: dict[str, Any] = json.loads(output)
    assert [turn["turn"] for turn in result["turns"]] == list(range(1, len(DEATHS) + 1))
    for turn in result["turns"]:
        assert "what else are you" in turn["transcript"].lower()
        assert turn["heard"] == turn["answer"] != ""
    restarts = {name: worker["restarts"] for name, worker in result["workers"].items()}
    assert restarts == {
        "hub": 0, "capture": 1, "encoder": 1, "thinker": 1, "talker": 1, "playback": 1,
        "supervisor": 0,
    }  # fmt: skip


HUB_DEATHS: Sequence[Moment] = (
    seen(AudioChunk, 20),
    seen(SpeechEnded),
    seen(Clause),
    seen(Played, 5),
)


def test_a_killed_hub_costs_no_word(tmp_path: Path, recordings: Path) -> None:
    """At each moment of a turn: all workers live on, and what was said is answered, once."""
    with asked(tmp_path, *[recordings / "question_en.wav"] * len(HUB_DEATHS)) as process:
        for turn, moment in enumerate(HUB_DEATHS, 1):
            _kill(process, tmp_path, "hub", moment, turn)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, ""), output
    result: dict[str, Any] = json.loads(output)
    assert [turn["turn"] for turn in result["turns"]] == list(range(1, len(HUB_DEATHS) + 1))
    for turn in result["turns"]:
        assert "what else are you" in turn["transcript"].lower()
        assert turn["heard"] == turn["answer"] != ""
    restarts = {name: worker["restarts"] for name, worker in result["workers"].items()}
    assert restarts.pop("hub") == len(HUB_DEATHS)
    assert set(restarts.values()) == {0}


STORMS = {
    "encoder": seen(AudioChunk, 20),
    "thinker": seen(SpeechEnded),
    "talker": seen(SpeechEnded),
}
"""While it is wanted: the turn has to wait for a successor that never comes."""


@pytest.mark.parametrize("victim", ["encoder", "thinker", "talker"])
def test_a_stage_that_keeps_dying_is_told_of(tmp_path: Path, recordings: Path, victim: str) -> None:
    """After its restarts are used up the others live on, and each question is told why."""
    room = tmp_path / "room.wav"
    with asked(
        tmp_path, *[recordings / "question_en.wav"] * 2, "--out", room, restarts=1
    ) as process:  # fmt: skip
        _kill(process, tmp_path, victim, STORMS[victim], 1)
        dead = members(process.pid).get(victim)
        deadline_s = time.monotonic() + 60
        while (again := members(process.pid).get(victim)) in (None, dead):
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        assert again is not None
        os.kill(again, signal.SIGKILL)
        output, _ = process.communicate(timeout=60)
    result = json.loads(output)
    assert process.returncode == 1
    why = {
        "encoder": "No puedo entender",  # in which language, only the encoder would know
        "thinker": "I cannot think",
        "talker": "I have lost my voice",
    }[victim]
    assert len(result["turns"]) == 2
    assert all(turn["heard"].startswith(why) for turn in result["turns"])
    with wave.open(str(room)) as recording:
        assert any(recording.readframes(recording.getnframes()))
