"""Real processes, forked from a real zygote or started by themselves."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from bus.frames import Order
from bus.line import SupervisorLine
from config.cgroup_plan import Plan
from config.settings import Settings
from supervisor import crew
from supervisor.forking import Forked, Zygote
from supervisor.processes import Process, start
from supervisor.zygote import Birth

_SLEEPING = Birth(module="tests.supervisor.sleeping", arguments=("a", "b"), nice=3)


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    """Return a zygote that ends with the test."""
    zygote = Zygote()
    yield zygote
    zygote.end()


def _born(zygote: Zygote | None, birth: Birth) -> Process | Forked:
    process = zygote.fork(birth) if zygote is not None else start(birth)
    assert process is not None
    return process


@pytest.mark.parametrize("forked", [True, False])
def test_a_process_is_ours_and_bears_its_name(*, forked: bool) -> None:
    """Its number, its priority and how it ended are the supervisor's to see."""
    zygote = Zygote() if forked else None
    process = _born(zygote, _SLEEPING)
    if zygote is not None:
        zygote.end()
    seen = psutil.Process(process.pid)
    assert seen.ppid() == os.getpid()
    deadline_s = time.monotonic() + 10
    while seen.nice() != 3 and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert seen.nice() == 3
    words = " ".join(seen.cmdline()).rstrip()  # what is not needed of the room for names is empty
    assert words.endswith(" -m tests.supervisor.sleeping a b")
    assert process.exit_code() is None
    assert not process.wait(0.01)
    process.signal(signal.SIGKILL)
    assert process.wait(5)
    assert process.exit_code() == -signal.SIGKILL
    process.signal(signal.SIGKILL)  # finds nobody, and is no error


def test_a_process_returns_its_exit_code(zygote: Zygote) -> None:
    """As if it had been started by itself."""
    process = _born(zygote, Birth(module="tests.supervisor.ending", arguments=("7",), nice=0))
    assert process.wait(10)
    assert process.exit_code() == 7


def test_a_dead_zygote_takes_nobody_along_and_forks_nobody(zygote: Zygote) -> None:
    """Who asks it is told so at once."""
    process = _born(zygote, _SLEEPING)
    os.kill(zygote.pid, signal.SIGKILL)
    assert zygote.fork(_SLEEPING) is None
    assert process.exit_code() is None
    process.signal(signal.SIGKILL)
    assert process.wait(5)


_SUPERVISOR = """
import os, signal
from supervisor.forking import Zygote
from supervisor.zygote import Birth
birth = Birth(module="tests.supervisor.sleeping", arguments=(), nice=0)
print(Zygote().fork(birth).pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_dies_with_the_supervisor() -> None:
    """And not only with the zygote, whose child it was."""
    command = [sys.executable, "-c", _SUPERVISOR]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    deadline_s = time.monotonic() + 5
    while psutil.pid_exists(int(done.stdout)):
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def test_limits_of_the_kernel_are_looked_for_before_there_is_a_zygote(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cgroup in which a second process lives is not taken: it may be somebody else's."""
    born: list[psutil.Process] = []

    def plan() -> Plan:
        born.extend(psutil.Process().children())
        return Plan(folder=None, line="it is a test")

    monkeypatch.setattr("supervisor.crew.plan", plan)
    before = psutil.Process().children()
    with closing(SupervisorLine(tmp_path, settings.bus)) as line:
        crew.Crew(settings, tmp_path, line, "").stop(Order(kind="stop"), 0.1)
    assert born == before
