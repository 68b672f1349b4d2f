"""Turns recorded by a running daemon, and run again."""

from __future__ import annotations

from pathlib import Path

import msgpack  # type: ignore[import-untyped]  # it brings no types
import pytest

from bus.recording import begin_recording
from config.session import Session
from config.settings import Settings
from tests.daemon import environment, run


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the recording of two turns."""
    folder = tmp_path_factory.mktemp("recorded")
    recordings = Path(__file__).parent / "recordings"
    done = run(
        "ask", "--profile", "tiny", "--record", folder / "turns.frames", "--json",
        "--set", "thinker.most_tokens=12", "--set", "thinker.temperature=0.8",
        recordings / "question_en.wav", recordings / "timer_en.wav",
        env=environment(folder),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "turns.frames"


@pytest.mark.parametrize("stages", [(), ("capture",), ("thinker",), ("talker",), ("playback",)])
def test_stages_make_the_same_again(recording: Path, stages: tuple[str, ...]) -> None:
    """To the byte, with a model that draws its words at random."""
    chosen = [word for stage in stages for word in ("--stage", stage)]
    done = run("replay", recording, "--check", *chosen, env=environment(recording.parent))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].startswith("2 turns, ")
    assert done.stdout.splitlines()[1:] == ["the same"]


def test_a_difference_is_found(recording: Path, tmp_path: Path) -> None:
    """Another sentence in the recording is not what the model says."""
    changed = tmp_path / "changed.frames"
    with recording.open("rb") as old, changed.open("wb") as new:
        for document in msgpack.Unpacker(old):
            if document.get("frame") == "clause" and document["index"] == 0:
                document["text"] = "Something else entirely."
            new.write(msgpack.packb(document))
    done = run("replay", changed, "--check", "--stage", "thinker", env=environment(tmp_path))
    assert done.returncode == 1
    assert "turn 1: clause 0: was 'Something else entirely.', is" in done.stdout


def test_a_dump_shows_no_word(recording: Path) -> None:
    """One line a frame, in order, without what was said."""
    done = run("replay", recording, "--dump", env=environment(recording.parent))
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert "SpeechStarted(" in lines[0]
    numbers = [int(line.split()[0]) for line in lines]
    assert numbers == sorted(numbers)
    assert "what else" not in done.stdout.lower()


def test_only_its_owner_may_read_a_recording(recording: Path) -> None:
    """Voices are private."""
    assert recording.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ({"recording": 99, "settings": {}}, "has format 99, this version reads 1 to 2"),
        ({"recording": 1, "settings": {"new": 1}}, "settings that this version does not know"),
        ({"frame": "credit", "consumed_bytes": 1}, "is no recording"),
    ],
)
def test_what_cannot_be_replayed_is_refused(
    tmp_path: Path, header: dict[str, object], complaint: str
) -> None:
    """One line, exit code 2."""
    path = tmp_path / "odd.frames"
    path.write_bytes(msgpack.packb(header))
    done = run("replay", path, env=environment(tmp_path))
    assert done.returncode == 2
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_recording_is_never_written_over(recording: Path) -> None:
    """The name of a file that is there is refused before anything starts."""
    wav = Path(__file__).parent / "recordings" / "question_en.wav"
    done = run(
        "ask", "--profile", "tiny", "--record", recording, wav, env=environment(recording.parent)
    )
    assert done.returncode == 2
    assert "is there already" in done.stderr


def test_a_start_that_fails_leaves_no_recording(tmp_path: Path) -> None:
    """The command, once mended, can be given again as it was."""
    log = tmp_path / "turns.frames"
    done = run(
        "ask", "--profile", "tiny", "--record", log, tmp_path / "missing.wav",
        env=environment(tmp_path),
    )  # fmt: skip
    assert done.returncode == 2
    assert not log.exists()


def test_a_recording_without_a_turn_is_not_the_same(tmp_path: Path, settings: Settings) -> None:
    """Nothing was compared."""
    log = tmp_path / "turns.frames"
    begin_recording(log, settings, Session(recordings=(), realtime=False, room=""))
    done = run("replay", log, "--check", env=environment(tmp_path))
    assert done.returncode == 2
    assert "holds no turn" in done.stderr
