from __future__ import annotations

import resource
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from bus.frames import CHUNK_SAMPLES
from models.protocols import Float32Array, Int16Array
from stages.recording_source import RecordingSource
from stages.recordings import Recording, check_recording
from stages.sound import SourceError


def _tone(seconds: float, rate: int = 16_000) -> Float32Array:
    """Return 440 Hz at half of full scale."""
    times = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)


def _read(path: Path) -> Int16Array:
    recording = Recording(path)
    blocks = []
    while (block := recording.read()) is not None:
        assert block.shape == (CHUNK_SAMPLES,)
        assert block.dtype == np.int16
        blocks.append(block)
    recording.close()
    return np.concatenate(blocks)


def _error(path: Path) -> str:
    with pytest.raises(SourceError) as failure:
        check_recording(path)
    message = str(failure.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_16_khz_mono_is_untouched(tmp_path: Path) -> None:
    """What is already in the pipeline's format comes out bit by bit, its end filled up."""
    pcm = np.random.default_rng(0).integers(-32_768, 32_768, 1_000).astype(np.int16)
    sf.write(tmp_path / "a.wav", pcm, 16_000, subtype="PCM_16")
    heard = _read(tmp_path / "a.wav")
    assert len(heard) == 4 * CHUNK_SAMPLES
    assert np.array_equal(heard[:1_000], pcm)
    assert not heard[1_000:].any()
    assert check_recording(tmp_path / "a.wav") == 1_000


@pytest.mark.parametrize(
    ("suffix", "subtype", "rate", "channels"),
    [
        ("wav", "PCM_U8", 16_000, 1),
        ("wav", "PCM_16", 44_100, 1),
        ("wav", "PCM_16", 16_000, 2),
        ("wav", "PCM_24", 48_000, 2),
        ("wav", "PCM_32", 11_025, 1),
        ("wav", "FLOAT", 22_050, 1),
        ("wav", "DOUBLE", 96_000, 6),
        ("wav", "ULAW", 8_000, 1),
        ("flac", "PCM_16", 16_000, 1),
        ("ogg", "VORBIS", 44_100, 2),
        ("mp3", "MPEG_LAYER_III", 44_100, 1),
    ],
)
def test_every_format_is_heard_alike(
    tmp_path: Path, suffix: str, subtype: str, rate: int, channels: int
) -> None:
    """Whatever the rate, channels and coding, the same tone of the same length comes out."""
    path = tmp_path / f"tone.{suffix}"
    sf.write(path, np.tile(_tone(1.0, rate)[:, None], channels), rate, subtype=subtype)
    heard = _read(path)
    assert len(heard) - 16_000 in range(3 * CHUNK_SAMPLES if suffix == "mp3" else CHUNK_SAMPLES)
    middle = heard[4_000:12_000].astype(float) / 32_768
    spectrum = np.abs(np.fft.rfft(middle))
    assert spectrum.argmax() * 2 == 440
    assert abs(middle.std() - 0.5 / np.sqrt(2)) < 0.01
    if suffix == "wav":
        assert np.abs(middle - _tone(1.0)[4_000:12_000]).max() < 0.02


def test_stereo_is_mixed_down(tmp_path: Path) -> None:
    """Both channels are heard: one that is silent halves the other."""
    path = tmp_path / "a.wav"
    sf.write(path, np.stack([_tone(0.5), np.zeros(8_000, np.float32)], axis=1), 16_000)
    assert abs(int(_read(path).max()) - 8_192) < 10


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_bad_samples_of_a_float_file_are_silence(tmp_path: Path, bad: float) -> None:
    """NaN and infinities do not spread, even through the resampler."""
    tone = _tone(1.0, 48_000)
    tone[24_000:24_010] = bad
    sf.write(tmp_path / "a.wav", tone, 48_000, subtype="FLOAT")
    heard = _read(tmp_path / "a.wav").astype(float) / 32_768
    assert np.abs(heard[:7_900] - _tone(1.0)[:7_900]).max() < 0.01
    assert np.abs(heard[8_100:15_900] - _tone(1.0)[8_100:15_900]).max() < 0.01


def test_a_float_file_beyond_full_scale_is_clipped(tmp_path: Path) -> None:
    """What is too loud does not wrap around to the other sign."""
    sf.write(tmp_path / "a.wav", 4 * _tone(0.1), 16_000, subtype="FLOAT")
    heard = _read(tmp_path / "a.wav")
    assert heard.max() == 32_767
    assert np.array_equal(np.sign(heard[:1_600]), np.sign(np.rint(_tone(0.1) * 32_768)))


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there is said to be so."""
    assert "no such file" in _error(tmp_path / "nothing.wav")


def test_a_folder(tmp_path: Path) -> None:
    """A folder is not a recording."""
    assert "cannot be read" in _error(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    """A file of no bytes is empty."""
    (tmp_path / "a.wav").touch()
    assert "is empty" in _error(tmp_path / "a.wav")


def test_a_file_without_sound(tmp_path: Path) -> None:
    """A header without samples holds no sound."""
    sf.write(tmp_path / "a.wav", np.zeros(0, np.int16), 16_000)
    assert "no sound" in _error(tmp_path / "a.wav")


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.raw", "a.txt"])
def test_a_file_that_is_not_audio(tmp_path: Path, name: str) -> None:
    """Text is not sound, whatever its name."""
    (tmp_path / name).write_text("What time is it?\n" * 100)
    assert "not a sound file" in _error(tmp_path / name)


@pytest.mark.parametrize("suffix", ["wav", "flac"])
@pytest.mark.parametrize("kept", [0.001, 0.3, 0.99])
def test_a_truncated_file(tmp_path: Path, suffix: str, kept: float) -> None:
    """A file that breaks off is refused before any of it is answered."""
    path = tmp_path / f"a.{suffix}"
    noise = np.random.default_rng(0).integers(-9_000, 9_000, 32_000).astype(np.int16)
    sf.write(path, noise, 16_000)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    message = _error(path)
    assert "truncated" in message or "damaged" in message


def test_a_wav_written_to_a_pipe_is_heard(tmp_path: Path) -> None:
    """A header that could not know the length is no truncated file."""
    path = tmp_path / "a.wav"
    sf.write(path, _tone(0.5), 16_000, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, 4, 0xFFFF_FFFF)
    struct.pack_into("<I", data, 40, 0xFFFF_FFFF)
    path.write_bytes(data)
    assert len(_read(path)) == 8_000


def test_two_hours_are_read_in_little_memory(tmp_path: Path) -> None:
    """A 2-hour WAV is opened at once and streamed: it is never held whole."""
    path = tmp_path / "long.wav"
    seconds = 7_200
    data_bytes = 2 * 16_000 * seconds
    with path.open("wb") as file:  # sparse: no 230 MB are written
        sf.write(path, np.zeros(1, np.int16), 16_000)
        file.seek(44 + data_bytes - 1)
        file.write(b"\0")
    with path.open("r+b") as file:
        file.seek(4)
        file.write(struct.pack("<I", 36 + data_bytes))
        file.seek(40)
        file.write(struct.pack("<I", data_bytes))
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    recording = Recording(path)
    assert recording.samples == seconds * 16_000
    blocks = 0
    while recording.read() is not None:
        blocks += 1
    recording.close()
    assert blocks == seconds * 50
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    assert sys.platform != "linux" or grown_kb < 20_000


def _source(tmp_path: Path, lengths: list[int]) -> RecordingSource:
    paths = []
    for number, length in enumerate(lengths, 1):
        paths.append(tmp_path / f"{number}.wav")
        sf.write(paths[-1], np.full(length, number, np.int16), 16_000)
    return RecordingSource(paths)


def _next(source: RecordingSource) -> tuple[int, int]:
    """Return the clock and the value of the next block."""
    at = source.clock_sample
    block = source.read()
    assert block is not None
    return at, int(block[0])


def test_silence_follows_a_file_until_the_next_begins(tmp_path: Path) -> None:
    """Between two files the room is silent for as long as the answer takes, and the gap."""
    source = _source(tmp_path, [640, 320])
    assert [_next(source) for _ in range(4)] == [(0, 1), (320, 1), (640, 0), (960, 0)]
    assert source.between_files
    source.proceed(1_600)
    assert [_next(source) for _ in range(4)] == [(1_280, 0), (1_600, 2), (1_920, 0), (2_240, 0)]
    assert not source.finished
    source.proceed(0)
    assert source.finished


def test_the_clock_may_be_moved_on(tmp_path: Path) -> None:
    """At full speed the clock jumps over the answer, and the file goes on where it was."""
    source = _source(tmp_path, [960])
    assert _next(source) == (0, 1)
    source.skip_to(16_000)
    source.skip_to(8_000)
    assert [_next(source) for _ in range(3)] == [(16_000, 1), (16_320, 1), (16_640, 0)]


def test_real_time_is_kept_by_the_clock_that_is_given(tmp_path: Path) -> None:
    """A block is there when its last sample would have been recorded, not before."""
    sf.write(tmp_path / "a.wav", np.ones(960, np.int16), 16_000)
    now_ns = 5_000_000_000
    source = RecordingSource([tmp_path / "a.wav"], now_ns=lambda: now_ns, start_ns=now_ns)
    assert source.read() is None
    assert source.due_ms() == 20.0
    now_ns += 19_000_000
    assert source.read() is None
    assert source.due_ms() == 1.0
    now_ns += 21_000_000
    assert source.read() is not None
    assert source.read() is not None
    assert source.read() is None


def test_all_files_are_checked_first(tmp_path: Path) -> None:
    """A bad second file is refused before the first is heard."""
    sf.write(tmp_path / "a.wav", np.ones(960, np.int16), 16_000)
    with pytest.raises(SourceError, match="no such file"):
        RecordingSource([tmp_path / "a.wav", tmp_path / "b.wav"])
