import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from config.load import load_settings, settings_to_json
from config.session import Session
from supervisor.leftovers import (
    MOST_TAKEOVERS,
    NOBODYS,
    Leftover,
    Sign,
    Wanted,
    goes_on,
    leave_sign,
    lock,
    taken_over,
)
from supervisor.runtime import Runtime

SECOND_NS = 1_000_000_000
SESSION = Session(recordings=("a.wav",), realtime=True, room="b.wav", lasting=True)
SIGN = Sign(boot="this", seen_ns=100 * SECOND_NS, ran_samples=16_000)
WANTED = Wanted(settings=b"{}", session=SESSION, boot="this", now_ns=110 * SECOND_NS, within_s=30)


def left(sign: Sign = SIGN, settings: bytes = b"{}", session: Session = SESSION) -> Leftover:
    return Leftover(folder=Path("/nowhere"), lock=-1, sign=sign, settings=settings, session=session)


def test_what_died_a_moment_ago_is_gone_on_with() -> None:
    """The same command, the same settings; the name of a recording counts for nothing."""
    assert goes_on(left(), WANTED)
    assert goes_on(left(session=replace(SESSION, record="x.frames")), WANTED)


@pytest.mark.parametrize(
    "other",
    [
        left(settings=b"{1}"),
        left(session=replace(SESSION, recordings=("other.wav",))),
        left(sign=replace(SIGN, seen_ns=79 * SECOND_NS)),
        left(sign=replace(SIGN, seen_ns=111 * SECOND_NS)),
        left(sign=replace(SIGN, boot="before")),
        left(sign=replace(SIGN, takeovers=MOST_TAKEOVERS)),
    ],
)
def test_what_is_another_s_or_old_is_not(other: Leftover) -> None:
    """Nor what has killed several daemons in a row."""
    assert not goes_on(other, WANTED)


def test_who_answers_recordings_once_begins_anew() -> None:
    """`ask` is asked again, and answers all of it."""
    once = replace(SESSION, lasting=False)
    assert not goes_on(left(session=once), replace(WANTED, session=once))


def folder(parent: Path, name: str, sign: Sign) -> Path:
    made = parent / f"sarai-{name}"
    made.mkdir(mode=0o700)
    (made / "settings.json").write_bytes(b"{}")
    SESSION.write(made)
    leave_sign(made, sign)
    return made


def test_old_folders_are_deleted_young_ones_of_others_left(tmp_path: Path) -> None:
    """A voice does not lie around; what somebody else may still want does."""
    old = folder(tmp_path, "old", replace(SIGN, seen_ns=0))
    others = folder(tmp_path, "others", SIGN)
    (others / "settings.json").write_bytes(b"{1}")
    ours = folder(tmp_path, "ours", SIGN)
    foreign = folder(tmp_path, "foreign", replace(SIGN, seen_ns=0))
    foreign.chmod(0o755)
    ended = folder(tmp_path, "ended", NOBODYS)
    starting = folder(tmp_path, "starting", NOBODYS)
    held = lock(starting)
    assert held is not None
    unsigned = tmp_path / "sarai-unsigned"
    unsigned.mkdir(mode=0o700)
    found = taken_over(tmp_path, WANTED)
    assert found is not None
    assert found.folder == ours
    os.close(found.lock)
    assert not old.exists()
    assert others.exists()
    assert foreign.exists()
    assert not ended.exists()
    assert starting.exists()
    assert unsigned.exists()
    os.close(held)


def test_the_folder_of_a_living_daemon_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two daemons of the same command do not share one; what ends in order leaves none."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    settings = load_settings("tiny")
    first = Runtime.open(settings, SESSION)
    first.sign(0, 30)
    second = Runtime.open(settings, SESSION)
    assert first.path != second.path
    assert not second.resumes
    for runtime in (first, second):
        runtime.end()
        runtime.remove(started=True)
    assert list(tmp_path.iterdir()) == []


DYING = """
import os, sys, time
from config.load import load_settings
from config.session import Session
from supervisor.runtime import Runtime
session = Session(recordings=("a.wav",), realtime=True, room="b.wav", lasting=True)
runtime = Runtime.open(load_settings("tiny"), session)
if sys.argv[1] != "beginning":
    runtime.start_clock(time.monotonic_ns() - 5_000_000_000, 0)
    runtime.sign(time.monotonic_ns(), 30)
if sys.argv[1] == "end":
    runtime.end()
print(runtime.path, flush=True)
os.kill(os.getpid(), 9)
"""


def _killed(moment: str) -> Path:
    """Return the folder of a daemon that was killed then."""
    dead = subprocess.run(
        [sys.executable, "-c", DYING, moment], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parent.parent.parent,
    )  # fmt: skip
    return Path(dead.stdout.strip())


@pytest.mark.parametrize("moment", ["beginning", "end"])
def test_nobody_goes_on_with_what_had_not_begun_or_was_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """And it does not lie around."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    dead = _killed(moment)
    assert dead.parent == tmp_path
    assert dead.exists()
    runtime = Runtime.open(load_settings("tiny"), SESSION)
    assert not runtime.resumes
    assert not dead.exists()
    runtime.remove(started=True)


def test_the_clock_of_a_killed_daemon_goes_on_where_it_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or where the hub knows it to have been, if that is further."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    dead = _killed("later")
    settings = load_settings("tiny")
    assert (dead / "settings.json").read_bytes() == settings_to_json(settings)
    runtime = Runtime.open(settings, SESSION)
    assert runtime.resumes
    assert runtime.path == dead
    now_ns = 100 * SECOND_NS
    assert now_ns - runtime.start_clock(now_ns, 0) == pytest.approx(5 * SECOND_NS, rel=0.1)
    assert now_ns - runtime.start_clock(now_ns, 320_000) == 20 * SECOND_NS
    runtime.remove(started=True)
