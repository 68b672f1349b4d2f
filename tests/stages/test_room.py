from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from models.protocols import Int16Array
from stages.room import RoomRecording
from stages.sound import SinkError


def _heard(path: Path) -> Int16Array:
    pcm, rate = sf.read(path, dtype="int16")
    assert rate == 16_000
    assert pcm.ndim == 1
    sound: Int16Array = pcm
    return sound


def _ones(length: int, value: int = 1) -> Int16Array:
    return np.full(length, value, np.int16)


def test_sound_stands_where_it_was_played(tmp_path: Path) -> None:
    """Each sample stands at its place on the capture clock, silence everywhere else."""
    room = RoomRecording(tmp_path / "ROOM.wav")
    room.play(1_000, _ones(500))
    room.play(1_500, _ones(500, 2))
    room.play(4_000, _ones(100, 3))
    room.close(5_000)
    expected = np.zeros(5_000, np.int16)
    expected[1_000:1_500] = 1
    expected[1_500:2_000] = 2
    expected[4_000:4_100] = 3
    assert np.array_equal(_heard(tmp_path / "ROOM.wav"), expected)


def test_what_was_played_is_never_cut_off(tmp_path: Path) -> None:
    """An answer that outlasts the input makes the recording longer."""
    room = RoomRecording(tmp_path / "ROOM.wav")
    room.play(1_000, _ones(500))
    room.close(1_200)
    assert len(_heard(tmp_path / "ROOM.wav")) == 1_500


def test_silence_is_a_recording_too(tmp_path: Path) -> None:
    """Where nothing was played, a silent file of the input's length is left."""
    RoomRecording(tmp_path / "ROOM.wav").close(320)
    assert not _heard(tmp_path / "ROOM.wav").any()
    assert len(_heard(tmp_path / "ROOM.wav")) == 320


def test_the_name_is_given_at_the_end(tmp_path: Path) -> None:
    """An older recording stands until the new one is complete; nothing else is left behind."""
    path = tmp_path / "ROOM.wav"
    path.write_bytes(b"older")
    room = RoomRecording(path)
    room.play(0, _ones(320))
    assert path.read_bytes() == b"older"
    room.close(320)
    assert [each.name for each in tmp_path.iterdir()] == ["ROOM.wav"]
    assert len(_heard(path)) == 320


def test_the_hidden_file_is_valid_at_any_moment(tmp_path: Path) -> None:
    """What was played can be heard even if nobody ever closes the recording."""
    room = RoomRecording(tmp_path / "ROOM.wav")
    (part,) = tmp_path.iterdir()
    for at in range(0, 1_600, 320):
        room.play(at, _ones(320))
        assert len(_heard(part)) == at + 320
    room.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_recording_is_continued(tmp_path: Path) -> None:
    """A successor keeps what its predecessor played, and may play it again."""
    path = tmp_path / "ROOM.wav"
    code = (
        "import os, signal, sys; from pathlib import Path; import numpy as np; "
        "from stages.room import RoomRecording; "
        "RoomRecording(Path(sys.argv[1])).play(100, np.ones(400, np.int16)); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False, timeout=60)
    room = RoomRecording(path, resume=True)
    assert room.samples == 500
    room.play(400, _ones(200, 2))
    room.close(700)
    expected = np.zeros(700, np.int16)
    expected[100:400] = 1
    expected[400:600] = 2
    assert np.array_equal(_heard(path), expected)


def test_a_new_recording_forgets_an_older_rest(tmp_path: Path) -> None:
    """Without resume, what a killed predecessor left is not heard."""
    RoomRecording(tmp_path / "ROOM.wav").play(0, _ones(320))
    RoomRecording(tmp_path / "ROOM.wav").close(100)
    assert len(_heard(tmp_path / "ROOM.wav")) == 100


@pytest.mark.parametrize("where", ["missing/ROOM.wav", "file/ROOM.wav", "."])
def test_a_place_that_cannot_be_written_to(tmp_path: Path, where: str) -> None:
    """A bad path is refused at the start, by name and in one line."""
    (tmp_path / "file").touch()
    with pytest.raises(SinkError) as failure:
        RoomRecording(tmp_path / where)
    assert str(tmp_path) in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    """A write that does not fit raises an error that names the remedy."""
    room = RoomRecording(tmp_path / "ROOM.wav")
    full = os.open("/dev/full", os.O_RDWR)
    os.dup2(full, room._file)
    os.close(full)
    with pytest.raises(SinkError, match=f"{os.strerror(errno.ENOSPC)}.*make room") as failure:
        room.play(0, _ones(320))
    assert "\n" not in str(failure.value)


def test_sound_before_the_input_is_refused(tmp_path: Path) -> None:
    """There is no place before sample 0."""
    with pytest.raises(ValueError, match="before the input"):
        RoomRecording(tmp_path / "ROOM.wav").play(-1, _ones(10))


def test_a_wav_file_is_not_made_too_long(tmp_path: Path) -> None:
    """Beyond what a WAV header can count, writing is refused and the file stays valid."""
    room = RoomRecording(tmp_path / "ROOM.wav")
    room.play(0, _ones(320))
    with pytest.raises(SinkError, match="4 GiB"):
        room.play(1 << 31, _ones(10))
    room.close(320)
    assert len(_heard(tmp_path / "ROOM.wav")) == 320
