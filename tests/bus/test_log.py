from __future__ import annotations

from os import write
from pathlib import Path

import msgpack  # type: ignore[import-untyped]  # it brings no types
import pytest

from bus.errors import LogDamaged
from bus.frames import AnyTurnFrame, Closed
from bus.log import FrameLog, path_of, turns_in
from bus.log_reader import cut_torn_record, read_frames
from tests.bus.bus_frames import audio, candidate, clause, final, played, started

FRAMES: tuple[AnyTurnFrame, ...] = (started(), audio(0), candidate(), final("¿qué?"), clause())


def closed(turn: int) -> Closed:
    return Closed(session="home", turn=turn, reason="answered")


CLOSED = closed(1)


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    """Return the log of a turn that is not closed."""
    log = FrameLog(tmp_path)
    for frame in FRAMES:
        log.append(frame)
    log.close()
    return path_of(tmp_path, "home", 1)


def test_what_was_written_is_read(log_file: Path) -> None:
    """An independent decoder finds every frame again, sound and accents included."""
    assert list(read_frames(log_file)) == list(FRAMES)


def test_any_tool_reads_a_log(log_file: Path) -> None:
    """It is a plain stream of MessagePack maps that name their frame."""
    with log_file.open("rb") as file:
        maps = list(msgpack.Unpacker(file))
    assert [each["frame"] for each in maps] == [
        "speech_started", "audio_chunk", "transcript", "transcript", "clause",
    ]  # fmt: skip
    assert maps[1]["pcm"] == bytes(640)


@pytest.mark.parametrize("cut", [1, 7, 60])
def test_a_torn_last_record_is_left_out_and_cut_off(log_file: Path, cut: int) -> None:
    """A hub that died while writing costs the frame that it wrote."""
    whole = log_file.read_bytes()
    log_file.write_bytes(whole[:-cut])
    assert list(read_frames(log_file)) == list(FRAMES[:-1])
    assert cut_torn_record(log_file) > 0
    assert cut_torn_record(log_file) == 0
    assert list(read_frames(log_file)) == list(FRAMES[:-1])
    log = FrameLog(log_file.parent)
    log.append(clause(7))
    log.close()
    assert list(read_frames(log_file))[-1] == clause(7)


@pytest.mark.parametrize(
    "damage", [b"\xc1", b"\x81\xa5frame\xa3zap", b"\x05", b"\xc6\x7f\xff\xff\xff" + bytes(9 << 20)]
)
def test_damage_in_the_middle_is_named(log_file: Path, damage: bytes) -> None:
    """What is no frame raises LogDamaged with file and place."""
    log_file.write_bytes(log_file.read_bytes() + damage + b"\x00")
    with pytest.raises(LogDamaged, match=r"home\.1\.frames: broken at byte \d+"):
        list(read_frames(log_file))


def test_an_empty_log_holds_nothing(tmp_path: Path) -> None:
    """A hub that died before its first frame left a file of no bytes."""
    path = tmp_path / "home.1.frames"
    path.touch()
    assert list(read_frames(path)) == []
    assert cut_torn_record(path) == 0


def test_the_log_of_a_closed_turn_is_deleted(log_file: Path) -> None:
    """Privacy: what was said stays nowhere."""
    log = FrameLog(log_file.parent)
    log.append(CLOSED)
    assert list(log_file.parent.iterdir()) == []


def test_closed_turns_are_added_to_a_recording(tmp_path: Path) -> None:
    """One file for all turns of a run, in the order in which they were closed."""
    kept = tmp_path / "kept.frames"
    log = FrameLog(tmp_path / "log", record=kept)
    for frame in (started(1), started(2), closed(2), closed(1)):
        log.append(frame)
    assert list((tmp_path / "log").iterdir()) == []
    assert list(read_frames(kept)) == [started(2), closed(2), started(1), closed(1)]


def test_frames_of_several_turns_are_written_at_once(tmp_path: Path) -> None:
    """Each in the file of its turn, in their order, and a turn may end among them."""
    log = FrameLog(tmp_path / "log", record=tmp_path / "kept.frames")
    log.append(started(1), audio(0), started(2), closed(1), started(3), closed(3))
    log.append()
    log.close()
    assert turns_in(tmp_path / "log") == [("home", 2)]
    assert list(read_frames(path_of(tmp_path / "log", "home", 2))) == [started(2)]
    assert list(read_frames(tmp_path / "kept.frames")) == [
        started(1), audio(0), closed(1), started(3), closed(3),
    ]  # fmt: skip


def test_a_recording_that_cannot_be_written_costs_no_turn(
    tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    """It is said once, and what was said at home does not stay elsewhere."""
    log = FrameLog(tmp_path / "log", record=tmp_path / "missing" / "kept.frames")
    for frame in (started(1), closed(1), started(2), closed(2)):
        log.append(frame)
    assert list((tmp_path / "log").iterdir()) == []
    assert said.readouterr().err.count("turns go on in memory") == 1


def test_a_torn_turn_is_left_out_of_a_recording(
    tmp_path: Path, said: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk was full in its midst; the turns before and behind it can still be read."""
    kept = tmp_path / "kept.frames"
    log = FrameLog(tmp_path / "log", record=kept)
    log.append(started(1), closed(1))
    log.append(started(2))
    with monkeypatch.context() as full:
        full.setattr("bus.log.os.write", lambda descriptor, data: write(descriptor, data[:9]))
        log.append(clause(0, turn=2), clause(1, turn=2))
    log.append(closed(2))
    log.append(started(3), closed(3))
    assert list(read_frames(kept)) == [started(1), closed(1), started(3), closed(3)]
    assert said.readouterr().err.count("no space left") == 1


def test_turns_have_files_of_their_own(tmp_path: Path) -> None:
    """One file a turn, named by session and number; others are not taken for one."""
    log = FrameLog(tmp_path)
    for turn in (2, 1):
        log.append(started(turn))
    log.close()
    (tmp_path / "notes.txt").touch()
    (tmp_path / "home.x.frames").touch()
    assert turns_in(tmp_path) == [("home", 1), ("home", 2)]
    assert turns_in(tmp_path / "missing") == []


def test_only_its_owner_may_read_a_log(log_file: Path) -> None:
    """Voices are private."""
    assert log_file.stat().st_mode & 0o077 == 0


def test_a_full_disk_is_said_once_and_costs_no_turn(
    tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    """Writing to a device without space fails; frames go on, and so does the next turn."""
    path_of(tmp_path, "home", 1).symlink_to("/dev/full")
    path_of(tmp_path, "home", 2).symlink_to("/dev/full")
    log = FrameLog(tmp_path)
    for turn in (1, 2, 3):
        log.append(started(turn))
        log.append(audio(0, turn))
    log.close()
    assert list(read_frames(path_of(tmp_path, "home", 3))) == [started(3), audio(0, 3)]
    lines = said.readouterr().err
    assert lines.count("turns go on in memory") == 1
    assert "No space left" in lines


def test_a_folder_that_cannot_be_made_costs_no_turn(
    tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    """A file in the way of the folder is said once."""
    (tmp_path / "log").touch()
    log = FrameLog(tmp_path / "log")
    for frame in (*FRAMES, played(1), CLOSED):
        log.append(frame)
    log.close()
    assert said.readouterr().err.count("turns go on in memory") == 1
