import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from tests.daemon import FORGETFUL, environment, members, run, started

STAGES = {"hub", "capture", "encoder", "thinker", "talker", "playback"}
STEPS = {"endpoint", "encoder", "first_clause", "first_chunk"}


class Asked:
    """One run of `ask --realtime --json --out` on two recordings."""

    def __init__(self, folder: Path, recordings: Path) -> None:
        self.runtime = folder / "runtime"
        self.runtime.mkdir()
        self.room = folder / "room.wav"
        done = run(
            "ask", "--profile", "tiny", "--realtime", "--json", "--out", self.room,
            recordings / "question_en.wav", recordings / "timer_en.wav",
            env=environment(self.runtime),
        )  # fmt: skip
        self.exit_code = done.returncode
        self.errors = done.stderr
        self.result: dict[str, Any] = json.loads(done.stdout)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, recordings: Path) -> Asked:
    return Asked(tmp_path_factory.mktemp("ask"), recordings)


def test_every_turn_is_answered(asked: Asked) -> None:
    """Exit code 0, nothing on stderr, and one JSON object on stdout."""
    assert (asked.exit_code, asked.errors) == (0, "")
    assert [turn["turn"] for turn in asked.result["turns"]] == [1, 2]


def test_what_was_said_is_heard(asked: Asked) -> None:
    """The words of real recordings, and their language."""
    texts = [turn["transcript"].lower() for turn in asked.result["turns"]]
    assert "what else are you" in texts[0]
    assert "timer" in texts[1]
    assert {turn["language"] for turn in asked.result["turns"]} == {"en"}


def test_the_whole_answer_is_heard(asked: Asked) -> None:
    """Playback reports every word of each answer."""
    for turn in asked.result["turns"]:
        assert turn["answer"]
        assert turn["heard"] == turn["answer"]


def test_a_turn_is_described_as_promised(asked: Asked) -> None:
    """All fields that tools rely on, in milliseconds and seconds."""
    for turn in asked.result["turns"]:
        assert set(turn) == {
            "turn", "transcript", "language", "emotion", "retrieved", "answer", "heard",
            "speech_end_s", "first_sound_s", "voice_to_voice_ms", "steps_ms", "revisions",
            "redelivered",
        }  # fmt: skip
        assert set(turn["steps_ms"]) == STEPS
        assert all(ms >= 0 for ms in turn["steps_ms"].values())
        waited_ms = (turn["first_sound_s"] - turn["speech_end_s"]) * 1000
        assert turn["voice_to_voice_ms"] == pytest.approx(waited_ms, abs=2)
    assert set(asked.result["workers"]) == STAGES | {"supervisor"}
    assert all(worker["pss_mb"] > 1 for worker in asked.result["workers"].values())
    assert asked.result["ready_ms"] > 0


def test_the_room_hears_the_answers_where_they_are_said_to_be(asked: Asked) -> None:
    """Silence until each answer's first sound, on the time line of the input."""
    sound, rate = sf.read(asked.room, dtype="int16")
    assert rate == 16_000
    loud = np.abs(sound.astype(np.int32)) > 200
    first, second = asked.result["turns"]
    assert not loud[: int(first["first_sound_s"] * rate) - 32].any()
    assert _first_loud_s(loud, rate, 0.0) == pytest.approx(first["first_sound_s"], abs=0.25)
    between_s = second["speech_end_s"]
    assert _first_loud_s(loud, rate, between_s) == pytest.approx(second["first_sound_s"], abs=0.25)


def _first_loud_s(loud: "np.ndarray[Any, np.dtype[np.bool_]]", rate: int, from_s: float) -> float:
    return float(from_s + np.flatnonzero(loud[int(from_s * rate) :])[0] / rate)


def test_the_second_file_begins_a_second_after_the_first_answer(
    asked: Asked, recordings: Path
) -> None:
    """Its last word stands as far behind the first answer's end as in the file, and a second."""
    sound, rate = sf.read(asked.room, dtype="int16")
    second = asked.result["turns"][1]
    loud = np.flatnonzero(np.abs(sound[: int(second["first_sound_s"] * rate)].astype(int)) > 200)
    first_answer_end_s = loud[-1] / rate
    in_file = sf.info(recordings / "timer_en.wav").duration
    begins_s = second["speech_end_s"] - in_file
    assert first_answer_end_s < begins_s + 1.0
    assert second["speech_end_s"] < first_answer_end_s + 1.0 + in_file + 0.7


def test_nothing_is_left_behind(asked: Asked) -> None:
    """No runtime folder, socket, half-written recording or process."""
    assert list(asked.runtime.iterdir()) == []
    assert [path.name for path in asked.room.parent.iterdir()] in (
        ["room.wav", "runtime"], ["runtime", "room.wav"],
    )  # fmt: skip
    assert not [
        process
        for process in psutil.process_iter()
        if str(asked.runtime) in " ".join(_command_line(process))
    ]


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_seven_processes_live_and_end_together(
    number: signal.Signals, exit_code: int, tmp_path: Path, recordings: Path
) -> None:
    """Hub, five workers and the supervisor; after a signal none is left."""
    with started(
        "run", "--profile", "tiny", "--source", recordings / "dishes.wav",
        "--sink", tmp_path / "room.wav", "--set", "capture.gap_between_files_ms=60000",
        *FORGETFUL, env=environment(tmp_path),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready")
        alive = members(process.pid)
        assert set(alive) == STAGES
        process.send_signal(number)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (exit_code, ""), output
    assert not any(map(psutil.pid_exists, alive.values()))
    assert not list(tmp_path.glob("sarai-*"))


def test_workers_die_with_a_killed_supervisor(tmp_path: Path, recordings: Path) -> None:
    """SIGKILL leaves no time to stop anything: the kernel ends the children."""
    with started(
        "run", "--profile", "tiny", "--source", recordings / "dishes.wav",
        "--sink", tmp_path / "room.wav", *FORGETFUL, env=environment(tmp_path),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready")
        alive = members(process.pid)
    deadline_s = time.monotonic() + 5
    while any(map(psutil.pid_exists, alive.values())) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert not any(map(psutil.pid_exists, alive.values()))


def test_a_worker_killed_while_it_loads_is_replaced(tmp_path: Path, recordings: Path) -> None:
    """The question waits for the thinker's successor and is answered."""
    with started(
        "ask", "--profile", "tiny", "--realtime", "--json", recordings / "timer_en.wav",
        env=environment(tmp_path),
    ) as process:  # fmt: skip
        deadline_s = time.monotonic() + 60
        while "thinker" not in members(process.pid) and time.monotonic() < deadline_s:
            time.sleep(0.02)
        os.kill(members(process.pid)["thinker"], signal.SIGKILL)
        output, errors = process.communicate(timeout=90)
    assert process.returncode == 0, errors
    result = json.loads(output)
    assert result["workers"]["thinker"]["restarts"] == 1
    assert result["turns"][0]["heard"] == result["turns"][0]["answer"]
