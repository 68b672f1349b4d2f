import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from tests.daemon import environment, run


def broken(folder: Path, kind: str) -> Path:
    """Make a recording that cannot be heard."""
    path = folder / f"{kind}.wav"
    match kind:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("not sound at all", encoding="utf-8")
        case "truncated":
            sf.write(path, np.zeros(16_000, np.int16), 16_000)
            path.write_bytes(path.read_bytes()[:8_000])
        case "headless":
            path.write_bytes(b"RIFF" + struct.pack("<I", 4) + b"WAVE")
        case _:
            return folder / "missing.wav"
    return path


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "truncated", "headless"])
def test_a_recording_that_cannot_be_heard_is_refused(kind: str, tmp_path: Path) -> None:
    """Exit code 2 and one line that names the file."""
    path = broken(tmp_path, kind)
    done = run("ask", "--profile", "tiny", path, env=environment(tmp_path))
    assert done.returncode == 2
    assert path.name in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_missing_model_is_named_with_the_command_that_fetches_it(
    tmp_path: Path, recordings: Path
) -> None:
    """Exit code 3."""
    cache = tmp_path / "cache"
    done = run(
        "ask", "--profile", "tiny", recordings / "timer_en.wav",
        env=environment(tmp_path, SARAI_CACHE=str(cache)),
    )  # fmt: skip
    assert done.returncode == 3
    assert "models fetch" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--set", "talker.sped=1"], "talker.sped"),
        (["--set", "talker.speed=9"], "talker.speed"),
        (["--profile", "tinny"], "tinny"),
        (["--config", "nowhere.toml"], "nowhere.toml"),
        (["--set", "thinker.model=nothing"], "nothing"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    arguments: list[str], named: str, tmp_path: Path, recordings: Path
) -> None:
    """Exit code 2 and one line."""
    done = run(
        "ask", "--profile", "tiny", *arguments, recordings / "timer_en.wav",
        env=environment(tmp_path),
    )  # fmt: skip
    assert done.returncode == 2
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_room_that_cannot_be_written_is_named(tmp_path: Path, recordings: Path) -> None:
    """Exit code 2: the folder does not exist."""
    room = tmp_path / "nowhere" / "room.wav"
    done = run(
        "ask", "--profile", "tiny", "--out", room, recordings / "timer_en.wav",
        env=environment(tmp_path),
    )  # fmt: skip
    assert done.returncode == 2
    assert str(room) in done.stderr


def test_a_recording_without_words_is_told(tmp_path: Path, recordings: Path) -> None:
    """A kitchen asks nothing: exit code 1 and one line."""
    done = run("ask", "--profile", "tiny", recordings / "dishes.wav", env=environment(tmp_path))
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_profile_that_does_not_fit_is_refused(tmp_path: Path, recordings: Path) -> None:
    """Before anything is started; each part says what it needs."""
    done = run(
        "ask", "--profile", "tiny", "--set", "thinker.limits.needs_mb=999999",
        recordings / "question_en.wav", env=environment(tmp_path),
    )  # fmt: skip
    assert done.returncode == 2
    assert "MB are needed (thinker 999999, " in done.stderr
    assert all(f" {stage} " in done.stderr for stage in ("talker", "encoder", "playback"))
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
