from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

from bus.frames import SpeechStarted
from bus.recording import read_recording
from models.protocols import Int16Array
from tests.daemon import FORGETFUL, command, environment, members, run
from tests.sound.listening import RATE, Ear, find
from tests.sound.sound_server import SoundServer


class Running:
    """`run` on a microphone and a loudspeaker."""

    def __init__(self, server: SoundServer, runtime: Path) -> None:
        runtime.mkdir(mode=0o700)
        self.runtime = runtime
        self._state = runtime.with_name("state")
        self.process = subprocess.Popen(
            command(
                "run", "--profile", "tiny",
                "--set", "thinker.most_tokens=16", "--set", "daemon.record=true", *FORGETFUL,
            ),
            env=environment(runtime, XDG_STATE_HOME=str(self._state), **server.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        if not self.next_line().startswith("ready"):
            pytest.fail(f"not ready: {self.end()}")
        self.members = members(self.process.pid)

    def next_line(self) -> str:
        """Return what it says next; empty when it has ended."""
        return self.process.stdout.readline() if self.process.stdout else ""

    @property
    def turns(self) -> list[int]:
        """Return the numbers of all turns that were closed, with words or without."""
        (recording,) = (self._state / "sarai" / "recordings").iterdir()
        frames = read_recording(recording).frames
        return sorted(frame.turn for frame in frames if isinstance(frame, SpeechStarted))

    def end(self, number: signal.Signals | None = None) -> tuple[int, str, str]:
        """Let it end, by a signal or by itself; return exit code, stdout and stderr."""
        if number is not None:
            self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=20)
        return self.process.returncode, output, errors

    @property
    def left_behind(self) -> list[str]:
        """Return the files and processes that are still there."""
        files = [path.name for path in self.runtime.iterdir()]
        return files + [name for name, pid in self.members.items() if psutil.pid_exists(pid)]


@pytest.fixture
def daemon(server: SoundServer, tmp_path: Path) -> Iterator[Running]:
    running = Running(server, tmp_path / "runtime")
    yield running
    running.process.kill()
    running.process.communicate()


def test_questions_are_answered_aloud_and_the_answers_are_not_heard_as_questions(
    server: SoundServer, daemon: Running, question: Path
) -> None:
    """The microphone stands beside the loudspeaker, yet each question is one turn.

    Ctrl-C ends it with 130, and leaves no process, socket or folder.
    """
    server.let_microphone_hear_the_room()
    with Ear(server, "room") as room, Ear(server, "mouth") as mouth:
        for turn in (1, 2):
            silence = len(room.sound)
            server.speak(question)
            assert daemon.next_line().startswith(f"turn {turn}, answered")
            room.wait(0.4)
            answer = _loud_part(room.sound[silence:])
            assert len(answer) > RATE // 2
            # On a busy machine the loopback leaves out a little; other speech is below 0.2.
            assert max(find(part, mouth.sound)[1] for part in _halves(answer)) > 0.5
            assert len(daemon.turns) == turn
    exit_code, output, errors = daemon.end(signal.SIGINT)
    assert (exit_code, output, errors) == (130, "", "")
    assert daemon.left_behind == []


def test_an_unplugged_microphone_ends_it_with_one_line(
    server: SoundServer, daemon: Running
) -> None:
    """Exit code 2, and the line says what to do."""
    server.unplug_all()
    exit_code, output, errors = daemon.end()
    assert (exit_code, output) == (2, "")
    assert "capture.device" in errors
    assert len(errors.splitlines()) == 1
    assert daemon.left_behind == []


def test_without_a_device_it_says_so_in_one_line(server: SoundServer, tmp_path: Path) -> None:
    """Exit code 2, and the line says what to do."""
    server.stop()
    done = run(
        "run", "--profile", "tiny", *FORGETFUL, env=environment(tmp_path, **server.environment)
    )
    assert done.returncode == 2
    assert "plug one in" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.glob("sarai-*"))


def _loud_part(sound: Int16Array) -> Int16Array:
    """Return the sound from the first to the last loud sample."""
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > 200)
    return sound[loud[0] : loud[-1]] if len(loud) else sound[:0]


def _halves(sound: Int16Array) -> list[Int16Array]:
    """Return the sound in pieces of half a second."""
    step = RATE // 2
    return [sound[at : at + step] for at in range(0, len(sound) - step + 1, step)]
