from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile as sf  # type: ignore[import-untyped]

from models.protocols import Int16Array
from stages.room import RoomRecording
from stages.room_loudspeaker import RoomLoudspeaker


class _Clock:
    """A capture clock that is set by hand."""

    def __init__(self) -> None:
        self.sample = 0

    def __call__(self) -> int:
        return self.sample


def _noise(length: int) -> Int16Array:
    return np.random.default_rng(0).integers(1_000, 9_000, length).astype(np.int16)


def _room(path: Path) -> Int16Array:
    pcm: Int16Array = sf.read(path, dtype="int16")[0]
    return pcm


def test_in_real_time_sound_takes_its_time(tmp_path: Path) -> None:
    """What is queued is heard as the clock goes on, from the moment at which it came."""
    clock = _Clock()
    speaker = RoomLoudspeaker(RoomRecording(tmp_path / "ROOM.wav"), clock)
    pcm = _noise(1_600)
    clock.sample = 5_000
    speaker.begin()
    speaker.play(pcm, 16_000)
    speaker.finish()
    assert speaker.heard().samples == 0
    assert speaker.due_ms() == 20.0
    clock.sample = 6_000
    heard = speaker.heard()
    assert (heard.samples, heard.first_clock_sample, heard.queued_samples) == (1_000, 5_000, 600)
    clock.sample = 9_000
    assert speaker.due_ms() is not None
    heard = speaker.heard()
    assert (heard.samples, heard.clock_sample) == (1_600, 6_600)
    assert speaker.due_ms() is None
    speaker.close(10_000)
    expected = np.zeros(10_000, np.int16)
    expected[5_000:6_600] = pcm
    assert np.array_equal(_room(tmp_path / "ROOM.wav"), expected)


def test_late_sound_leaves_a_gap(tmp_path: Path) -> None:
    """Sound that comes too late is heard when it comes, not when it should have come."""
    clock = _Clock()
    speaker = RoomLoudspeaker(RoomRecording(tmp_path / "ROOM.wav"), clock)
    pcm = _noise(640)
    speaker.begin()
    speaker.play(pcm[:320], 16_000)
    clock.sample = 1_000
    speaker.play(pcm[320:], 16_000)
    clock.sample = 2_000
    assert speaker.heard().samples == 640
    speaker.close(0)
    room = _room(tmp_path / "ROOM.wav")
    assert np.array_equal(room[:320], pcm[:320])
    assert not room[320:1_000].any()
    assert np.array_equal(room[1_000:], pcm[320:])


def test_at_full_speed_sound_is_heard_at_once(tmp_path: Path) -> None:
    """Without a clock an answer begins where the question ended, and is over when queued."""
    speaker = RoomLoudspeaker(RoomRecording(tmp_path / "ROOM.wav"))
    pcm = _noise(800)
    speaker.not_before(3_000)
    speaker.begin()
    speaker.play(pcm[:500], 16_000)
    speaker.play(pcm[500:], 16_000)
    speaker.finish()
    assert speaker.due_ms() == 0.0
    heard = speaker.heard()
    assert (heard.samples, heard.first_clock_sample, heard.clock_sample) == (800, 3_000, 3_800)
    assert speaker.due_ms() is None
    speaker.close(0)
    assert np.array_equal(_room(tmp_path / "ROOM.wav")[3_000:], pcm)


def test_stop_is_heard_within_10_ms(tmp_path: Path) -> None:
    """The room falls silent at once, and what was dropped is not counted."""
    clock = _Clock()
    speaker = RoomLoudspeaker(RoomRecording(tmp_path / "ROOM.wav"), clock)
    speaker.begin()
    speaker.play(_noise(16_000), 16_000)
    clock.sample = 4_000
    heard = speaker.stop()
    assert heard.samples == 4_128
    assert heard.queued_samples == 0
    clock.sample = 16_000
    assert speaker.heard().samples == 4_128
    speaker.close(16_000)
    room = _room(tmp_path / "ROOM.wav")
    assert not room[4_160:].any()
    assert room[:4_000].all()


def test_no_recording_is_needed() -> None:
    """Without a recording all is counted as if there were one."""
    speaker = RoomLoudspeaker(None)
    speaker.begin()
    speaker.play(_noise(22_050), 22_050)
    speaker.finish()
    assert speaker.heard().samples == 16_000
    speaker.close(0)
