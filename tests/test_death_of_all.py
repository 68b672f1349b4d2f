"""The whole daemon is killed in the middle of a turn; started again, it goes on."""

from __future__ import annotations

import signal
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]

from bus.frames import AudioChunk, Clause, Played
from models.protocols import Int16Array
from tests.daemon import FORGETFUL, Moment, environment, reached, seen, started

RATE = 16_000
FINER = 8
SEAM_SAMPLES = RATE * 60 // 1000
"""Playback tells every 20 ms what was heard: so much may be heard again where it goes on."""

SURELY_HEARD = RATE * 140 // 1000
"""Of an answer of which ten reports were given."""


def heard_in(folder: Path, source: Path) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start a daemon that hears a recording and speaks into room.wav."""
    return started(
        "run", "--profile", "tiny", "--source", source, "--sink", folder / "room.wav",
        "--set", "thinker.most_tokens=12", "--set", "capture.gap_between_files_ms=200",
        *FORGETFUL, env=environment(folder),
    )  # fmt: skip


def finished(process: subprocess.Popen[str], folder: Path) -> Int16Array:
    """Return what the room heard from the first sound to the last."""
    output, errors = process.communicate(timeout=80)
    assert (process.returncode, errors) == (0, ""), output
    assert not list(folder.glob("sarai-*"))
    room, _ = sf.read(folder / "room.wav", dtype="int16")
    (sounding,) = np.nonzero(room)
    return np.asarray(room[sounding[0] : sounding[-1] + 1], np.int16)


def without_silence(sound: Int16Array) -> Int16Array:
    """Return `sound` without the gap in which nobody lived."""
    return np.asarray(sound[sound != 0], np.int16)


def kill_when(
    process: subprocess.Popen[str],
    folder: Path,
    moment: Moment,
    number: signal.Signals = signal.SIGKILL,
) -> None:
    reached(process, folder, moment)
    process.send_signal(number)
    if number is signal.SIGKILL:
        process.communicate()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Int16Array:
    folder = tmp_path_factory.mktemp("undisturbed")
    source = Path(__file__).parent / "recordings" / "question_en.wav"
    with heard_in(folder, source) as process:
        return finished(process, folder)


MOMENTS = {
    "heard": seen(AudioChunk, 31),
    "thought": seen(Clause),
    "spoken": seen(Played, 11),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_daemon_that_was_killed_finishes_its_turn(
    tmp_path: Path, recordings: Path, undisturbed: Int16Array, moment: str
) -> None:
    """The room hears the whole answer, once, in the same voice and words."""
    source = recordings / "question_en.wav"
    with heard_in(tmp_path, source) as process:
        kill_when(process, tmp_path, MOMENTS[moment])
    with heard_in(tmp_path, source) as process:
        heard = finished(process, tmp_path)
    more = len(without_silence(heard)) - len(without_silence(undisturbed))
    assert abs(more) <= SEAM_SAMPLES
    assert np.array_equal(heard[:SURELY_HEARD], undisturbed[:SURELY_HEARD])
    assert likeness(undisturbed[-4_100:-100], heard[-4_200:]) > 0.95


def test_sigterm_lets_the_answer_be_heard_first(
    tmp_path: Path, recordings: Path, undisturbed: Int16Array
) -> None:
    """Then it ends in order, though the recording is not over."""
    with heard_in(tmp_path, recordings / "question_en.wav") as process:
        kill_when(process, tmp_path, MOMENTS["spoken"], signal.SIGTERM)
        heard = finished(process, tmp_path)
    assert np.array_equal(without_silence(heard), without_silence(undisturbed))


def likeness(wanted: Int16Array, sound: Int16Array) -> float:
    """Return the correlation of `wanted` with `sound` where it is best, to an eighth of a sample.

    At the seam the sound was resampled anew, which moves what follows by less than a sample.
    """
    ours, theirs = (
        soxr.resample(each.astype(np.float64), RATE, FINER * RATE) for each in (wanted, sound)
    )
    best = 0.0
    for at in range(len(theirs) - len(ours) + 1):
        part = theirs[at : at + len(ours)]
        best = max(best, float(ours @ part / np.linalg.norm(ours) / np.linalg.norm(part)))
    return best
