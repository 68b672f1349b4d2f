"""Real processes, forked from a real zygote."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from supervisor.errors import DaemonFailed
from supervisor.processes import Nursery
from supervisor.zygote import Birth


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    """Return a nursery that ends with the test."""
    nursery = Nursery()
    yield nursery
    nursery.close()


def _sleeper(milliseconds: int) -> Birth:
    module = "tests.supervisor.leaving_a_child"
    return Birth(module=module, arguments=(str(milliseconds),), nice=3)


def test_a_process_is_ours_and_bears_its_name(nursery: Nursery) -> None:
    """Its number, its end and its priority are the supervisor's to see."""
    process = nursery.start(_sleeper(0))
    seen = psutil.Process(process.pid)
    assert seen.ppid() == os.getpid()
    words = " ".join(seen.cmdline()).rstrip()  # what is not needed of the room for names is empty
    assert words.endswith(" -m tests.supervisor.leaving_a_child 0")
    assert seen.nice() == os.nice(0) + 3
    assert process.wait(10)
    assert process.exit_code() == 7


def test_a_process_is_killed(nursery: Nursery) -> None:
    """Its end tells how; a second signal finds nobody and is no error."""
    module = "tests.supervisor.sleeping"
    process = nursery.start(Birth(module=module, arguments=(), nice=0))
    assert process.exit_code() is None
    assert not process.wait(0.01)
    process.signal(signal.SIGKILL)
    assert process.wait(5)
    assert process.exit_code() == -signal.SIGKILL
    process.signal(signal.SIGKILL)


def test_what_a_process_leaves_is_reaped(nursery: Nursery) -> None:
    """Else a zombie stays for each of them as long as the daemon lives."""
    process = nursery.start(_sleeper(50))
    assert process.wait(10)
    nursery.bury(process)
    deadline_s = time.monotonic() + 10
    while _is_anybody_in(process.pid):
        assert time.monotonic() < deadline_s
        nursery.reap()
        time.sleep(0.01)


def _is_anybody_in(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_children_of_a_zygote_outlive_it(nursery: Nursery) -> None:
    """And the next ones are forked from another."""
    process = nursery.start(Birth(module="tests.supervisor.sleeping", arguments=(), nice=0))
    nursery.rest()
    assert not _zygotes()
    assert process.exit_code() is None
    assert nursery.start(_sleeper(0)).wait(10)
    process.signal(signal.SIGKILL)
    assert process.wait(5)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_zygote_that_is_gone_has_a_successor(nursery: Nursery, number: signal.Signals) -> None:
    """One that hangs is as good as dead."""
    assert nursery.start(_sleeper(0)).wait(10)
    (zygote,) = _zygotes()
    zygote.send_signal(number)
    assert nursery.start(_sleeper(0)).wait(10)
    assert [each.pid for each in _zygotes()] != [zygote.pid]
    assert not zygote.is_running()


def test_a_process_that_cannot_be_had_is_refused(
    nursery: Nursery, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two zygotes are tried; then one line says what could not be started."""
    monkeypatch.setattr("supervisor.processes._ROOT", tmp_path)  # no zygote is found there
    with pytest.raises(DaemonFailed, match=r"leaving_a_child 0: no process could be forked"):
        nursery.start(_sleeper(0))


def _zygotes() -> list[psutil.Process]:
    alive = [
        child
        for child in psutil.Process().children()
        if child.status() != psutil.STATUS_ZOMBIE  # what processes of other tests have left
    ]
    return [child for child in alive if "supervisor.zygote" in child.cmdline()]
