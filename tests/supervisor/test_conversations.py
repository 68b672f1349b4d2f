from __future__ import annotations

import os
from pathlib import Path

import pytest

from bus.history import HALF_WRITTEN, Exchange, Told, read_history, write_history
from stages.conversation import Conversation
from supervisor.conversations import go_on, memory_place

HOUR_S = 3_600
KEPT = "kept"


def of_ana(turn: int) -> Told:
    told = Exchange(turn=turn, language="en", transcript="My name is Ana.", heard="Hello Ana.")
    return Told(exchanges=(told,), summary="They live in Jaca.")


def daemon(folder: Path, name: str, hours_later: int = 0) -> Path:
    runtime = folder / name
    runtime.mkdir()
    made_s = runtime.stat().st_mtime + hours_later * HOUR_S
    os.utime(runtime, (made_s, made_s))
    go_on(runtime, folder / KEPT, 12)
    return runtime


def test_the_next_daemon_goes_on(tmp_path: Path) -> None:
    """Its turns begin to count anew, behind what was said."""
    write_history(daemon(tmp_path, "first"), "home", of_ana(turn=57))
    told = read_history(daemon(tmp_path, "second"), "home")
    conversation = Conversation(lambda: told)
    assert conversation.exchanges == [("My name is Ana.", "Hello Ana.")]
    assert conversation.summary == "They live in Jaca."
    assert [each.turn for each in told.exchanges] == [0]


def test_what_is_old_is_forgotten(tmp_path: Path) -> None:
    """However often the daemon is started in between."""
    write_history(daemon(tmp_path, "first"), "home", of_ana(turn=1))
    daemon(tmp_path, "second", hours_later=11)
    later = daemon(tmp_path, "third", hours_later=13)
    assert read_history(later, "home") == Told()


def test_what_is_damaged_is_forgotten(tmp_path: Path) -> None:
    """A conversation begins anew rather than not at all."""
    first = daemon(tmp_path, "first")
    (first / "history" / "home.msgpack").write_bytes(b"\xc1")
    assert read_history(daemon(tmp_path, "second"), "home") == Told()


def test_what_was_half_written_goes(tmp_path: Path) -> None:
    """It holds words that nobody would forget; what it was to replace stays."""
    first = daemon(tmp_path, "first")
    write_history(first, "home", of_ana(turn=1))
    whole = first / "history" / "home.msgpack"
    whole.with_suffix(HALF_WRITTEN).write_bytes(whole.read_bytes())
    second = daemon(tmp_path, "second")
    assert [path.name for path in (second / "history").iterdir()] == ["home.msgpack"]
    assert read_history(second, "home").summary


def test_nobody_else_can_have_made_the_folder(
    tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    """Where others can look into it, words are not kept; the daemon starts all the same."""
    folder = tmp_path / KEPT
    folder.mkdir()
    folder.chmod(0o755)
    runtime = daemon(tmp_path, "first")
    assert not (runtime / "history").exists()
    assert "not our folder" in said.readouterr().err


def test_words_are_kept_in_memory_or_not_at_all() -> None:
    """A disk is no place for them; two houses on one machine do not mix."""
    one, other = (memory_place(Path(house) / "sarai-x") for house in ("/var/one", "/var/other"))
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    if ["/dev/shm", "tmpfs"] in [mount[1:3] for mount in mounts]:  # noqa: S108
        assert one is not None
        assert one.parent == Path("/dev/shm")  # noqa: S108
        assert one != other
    else:
        assert one is None
