"""Deaths in the middle of a turn: a process is killed, the turn is answered all the same."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bus.frames import AnyFrame, AudioChunk, Clause, Played, SpeechChunk, SpeechEnded, TurnFrame
from bus.log_reader import read_frames
from tests.daemon import command, environment, members

Moment = Callable[[Sequence[AnyFrame]], bool]


def _seen(kind: type[AnyFrame], count: int = 1) -> Moment:
    return lambda frames: sum(isinstance(frame, kind) for frame in frames) >= count


def frames_of(runtime: Path, turn: int) -> list[AnyFrame]:
    """Return what the hub has logged of a turn that is open now."""
    found: list[AnyFrame] = []
    for log in sorted(runtime.glob("sarai-*/log/*")):
        with contextlib.suppress(OSError):  # closed between the two
            found += read_frames(log)
    return [frame for frame in found if isinstance(frame, TurnFrame) and frame.turn == turn]


@contextlib.contextmanager
def _asked(
    runtime: Path, *recordings: str | Path, restarts: int = 9
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command(
            "ask", "--profile", "tiny", "--realtime", "--json", *recordings,
            "--set", "thinker.most_tokens=12",
            "--set", "capture.gap_between_files_ms=200",
            "--set", f"supervisor.max_restarts={restarts}",
        ),
        env=environment(runtime), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _reached(process: subprocess.Popen[str], runtime: Path, moment: Moment, turn: int) -> None:
    """Wait until what was logged of `turn` says that the moment has come."""
    deadline_s = time.monotonic() + 60
    while not moment(frames_of(runtime, turn)):
        assert process.poll() is None, "the turn was over before its moment had come"
        assert time.monotonic() < deadline_s, "the moment never came"
        time.sleep(0.01)


def _kill(
    process: subprocess.Popen[str], runtime: Path, victim: str, moment: Moment, turn: int
) -> None:
    """Kill `victim` when what was logged of `turn` says so."""
    _reached(process, runtime, moment, turn)
    os.kill(members(process.pid)[victim], signal.SIGKILL)


DEATHS: Sequence[tuple[str, Moment]] = (
    ("capture", _seen(AudioChunk, 40)),
    ("encoder", _seen(SpeechEnded)),
    ("thinker", _seen(Clause)),
    ("talker", _seen(SpeechChunk)),
    ("playback", _seen(Played, 5)),
)


def test_a_killed_worker_costs_no_word(tmp_path: Path, recordings: Path) -> None:
    """In each turn another one dies; all is heard, once, and no turn is lost or doubled."""
    with _asked(tmp_path, *[recordings / "question_en.wav"] * len(DEATHS)) as process:
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
    _seen(AudioChunk, 20),
    _seen(SpeechEnded),
    _seen(Clause),
    _seen(Played, 5),
)


def test_a_killed_hub_costs_no_word(tmp_path: Path, recordings: Path) -> None:
    """At each moment of a turn: all workers live on, and what was said is answered, once."""
    with _asked(tmp_path, *[recordings / "question_en.wav"] * len(HUB_DEATHS)) as process:
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
    "encoder": _seen(AudioChunk, 20),
    "thinker": _seen(SpeechEnded),
    "talker": _seen(SpeechEnded),
}
"""While it is wanted: the turn has to wait for a successor that never comes."""


@pytest.mark.parametrize("victim", ["encoder", "thinker", "talker"])
def test_a_stage_that_keeps_dying_is_told_of(tmp_path: Path, recordings: Path, victim: str) -> None:
    """After its restarts are used up the others live on, and each question is told why."""
    room = tmp_path / "room.wav"
    with _asked(
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
