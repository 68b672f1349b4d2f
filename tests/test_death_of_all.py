"""The whole daemon is killed in the middle of a turn; started again, it goes on."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from bus.frames import AnyFrame, AudioChunk, Clause, Played
from bus.log_reader import read_frames
from models.protocols import Int16Array
from tests.daemon import command, environment

RATE = 16_000
SEAM_SAMPLES = RATE * 60 // 1000
"""Playback tells every 20 ms what was heard: so much may be heard again where it goes on."""

SURELY_HEARD = RATE * 140 // 1000
"""Of an answer of which ten reports were given."""


@contextlib.contextmanager
def started(folder: Path, source: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command(
            "run", "--profile", "tiny", "--source", source, "--sink", folder / "room.wav",
            "--set", "thinker.most_tokens=12", "--set", "capture.gap_between_files_ms=200",
            *more,
        ),
        env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def finished(process: subprocess.Popen[str], folder: Path) -> Int16Array:
    """Return what the room heard: all that is not silence."""
    output, errors = process.communicate(timeout=80)
    assert (process.returncode, errors) == (0, ""), output
    assert not list(folder.glob("sarai-*"))
    room, _ = sf.read(folder / "room.wav", dtype="int16")
    return np.asarray(room[room != 0], np.int16)


def frames(folder: Path) -> list[AnyFrame]:
    found: list[AnyFrame] = []
    for log in sorted(folder.glob("sarai-*/log/*")):
        with contextlib.suppress(OSError):  # closed between the two
            found += read_frames(log)
    return found


def kill_when(
    process: subprocess.Popen[str],
    folder: Path,
    moment: Callable[[Sequence[AnyFrame]], bool],
    number: signal.Signals = signal.SIGKILL,
) -> None:
    deadline_s = time.monotonic() + 60
    while not moment(frames(folder)):
        assert process.poll() is None, "the turn was over before its moment had come"
        assert time.monotonic() < deadline_s, "the moment never came"
        time.sleep(0.01)
    process.send_signal(number)
    if number is signal.SIGKILL:
        process.communicate()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Int16Array:
    folder = tmp_path_factory.mktemp("undisturbed")
    source = Path(__file__).parent / "recordings" / "question_en.wav"
    with started(folder, source) as process:
        return finished(process, folder)


MOMENTS = {
    "heard": lambda seen: sum(isinstance(frame, AudioChunk) for frame in seen) > 30,
    "thought": lambda seen: any(isinstance(frame, Clause) for frame in seen),
    "spoken": lambda seen: sum(isinstance(frame, Played) for frame in seen) > 10,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_daemon_that_was_killed_finishes_its_turn(
    tmp_path: Path, recordings: Path, undisturbed: Int16Array, moment: str
) -> None:
    """The room hears the whole answer, once, in the same voice and words."""
    source = recordings / "question_en.wav"
    with started(tmp_path, source) as process:
        kill_when(process, tmp_path, MOMENTS[moment])
    with started(tmp_path, source) as process:
        heard = finished(process, tmp_path)
    assert abs(len(heard) - len(undisturbed)) <= SEAM_SAMPLES
    assert np.array_equal(heard[:SURELY_HEARD], undisturbed[:SURELY_HEARD])
    assert likeness(undisturbed[-4_100:-100], heard[-4_200:]) > 0.95


def test_sigterm_lets_the_answer_be_heard_first(
    tmp_path: Path, recordings: Path, undisturbed: Int16Array
) -> None:
    """Then it ends in order, though the recording is not over."""
    with started(tmp_path, recordings / "question_en.wav") as process:
        kill_when(process, tmp_path, MOMENTS["spoken"], signal.SIGTERM)
        heard = finished(process, tmp_path)
    assert np.array_equal(heard, undisturbed)


def likeness(wanted: Int16Array, sound: Int16Array) -> float:
    """Return the correlation of `wanted` with `sound` where it is best.

    At the seam the sound was resampled anew, which moves what follows by less than a sample.
    """
    ours = wanted.astype(np.float64)
    best = 0.0
    for at in range(len(sound) - len(ours) + 1):
        part = sound[at : at + len(ours)].astype(np.float64)
        best = max(best, float(ours @ part / np.linalg.norm(ours) / np.linalg.norm(part)))
    return best
