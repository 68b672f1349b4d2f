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
    names = ("orphan", "new", "beside", "starting")
    orphan, newborn, beside, starting = (tmp_path / f"sarai-{name}" for name in names)
    for unsigned in (orphan, newborn, beside, starting):
        unsigned.mkdir(mode=0o700)
    held = lock(starting)
    assert held is not None
    for locked in (orphan, newborn):
        descriptor = lock(locked)
        assert descriptor is not None
        os.close(descriptor)
    for aged in (orphan, beside, starting):
        os.utime(aged, (0, 0))
    found = taken_over(tmp_path, WANTED)
    assert found is not None
    assert found.folder == ours
    os.close(found.lock)
    assert not old.exists()
    assert others.exists()
    assert foreign.exists()
    assert not orphan.exists()
    assert newborn.exists()
    assert beside.exists()
    assert starting.exists()
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
runtime.start_clock(time.monotonic_ns() - 5_000_000_000, 0)
runtime.sign(time.monotonic_ns(), 30)
print(runtime.path, flush=True)
os.kill(os.getpid(), 9)
"""


def test_the_clock_of_a_killed_daemon_goes_on_where_it_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or where the hub knows it to have been, if that is further."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    dead = subprocess.run(
        [sys.executable, "-c", DYING], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parent.parent.parent,
    )  # fmt: skip
    settings = load_settings("tiny")
    assert (Path(dead.stdout.strip()) / "settings.json").read_bytes() == settings_to_json(settings)
    runtime = Runtime.open(settings, SESSION)
    assert runtime.resumes
    assert runtime.path == Path(dead.stdout.strip())
    now_ns = 100 * SECOND_NS
    assert now_ns - runtime.start_clock(now_ns, 0) == pytest.approx(5 * SECOND_NS, rel=0.1)
    assert now_ns - runtime.start_clock(now_ns, 320_000) == 20 * SECOND_NS
    runtime.remove(started=True)
