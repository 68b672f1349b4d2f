"""Real processes that are stopped, asleep, or kept from their core by others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from bus.frames import Vitals
from supervisor.thread_times import ThreadTime, ThreadTimes, longest_wait_s, thread_times
from supervisor.watchdog import Kill, Watchdog
from tests.supervisor.test_watchdog import POLICY

_WITHIN_S = 30.0
_LOOP = "while True: pass"
_LAST_IN_LINE = f"import os\nos.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\n{_LOOP}"


@pytest.fixture
def running() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Return a list of processes that end with the test."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def _start(running: list[subprocess.Popen[bytes]], program: str) -> int:
    """Start a program on the first core that we may use; return its number once it runs."""
    process = subprocess.Popen([sys.executable, "-c", program])
    running.append(process)
    os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
    _until(lambda: any(each.ran_s > 0.01 for each in thread_times(process.pid).values()))
    return process.pid


def _until(condition: Callable[[], bool]) -> None:
    until_s = time.monotonic() + _WITHIN_S
    while not condition():
        assert time.monotonic() < until_s, "it did not come true"
        time.sleep(0.01)


def _waited_s(pid: int, before: ThreadTimes) -> float:
    return longest_wait_s(before, thread_times(pid), _WITHIN_S)


def _judged(before: ThreadTimes, now: ThreadTimes) -> list[object]:
    """Return what the watchdog says of a busy worker that was silent for 600 ms of its 500."""
    watchdog = Watchdog(POLICY)
    watchdog.started("worker", silence_ms=500, now_s=0.0)
    beat = Vitals(stage="encoder", worker=0, incarnation=1, ready=True, busy=True)
    watchdog.beat("worker", beat, now_s=0.0)
    assert watchdog.decide(0.3, lambda _: before) == []
    return list(watchdog.decide(0.6, lambda _: now))


def test_a_starved_process_waits_for_its_core(running: list[subprocess.Popen[bytes]]) -> None:
    """It would work, but another one has its core: it is spared."""
    starved = _start(running, _LAST_IN_LINE)
    _start(running, _LOOP)
    before = thread_times(starved)
    _until(lambda: _waited_s(starved, before) > 0.2)
    assert _judged(before, thread_times(starved)) == []


def test_a_stopped_process_does_not_wait(running: list[subprocess.Popen[bytes]]) -> None:
    """Its core is taken just the same, but it asks for none: it is killed."""
    stopped = _start(running, _LOOP)
    os.kill(stopped, signal.SIGSTOP)
    _until(lambda: not any(each.is_runnable for each in thread_times(stopped).values()))
    before = thread_times(stopped)
    other = _start(running, _LOOP)
    _until(lambda: max(each.ran_s for each in thread_times(other).values()) > 0.2)
    assert _judged(before, thread_times(stopped)) == [Kill("worker", "silent for 600 ms")]


def test_a_thread_that_runs_does_not_wait() -> None:
    """A loop that has its core is silent for no good reason; the waits of others do not add up."""
    before = {1: ThreadTime(1.0, 0.2, is_runnable=True), 2: ThreadTime(0.0, 0.0, is_runnable=False)}
    looping = {1: ThreadTime(1.5, 0.2, is_runnable=True), 2: before[2]}
    assert longest_wait_s(before, looping, between_s=0.5) == 0.0
    shared = {1: ThreadTime(1.3, 0.4, is_runnable=True), 2: ThreadTime(0.1, 0.3, is_runnable=False)}
    assert longest_wait_s(before, shared, between_s=0.5) == pytest.approx(0.3)


def test_a_thread_in_the_queue_waits_before_the_wait_is_counted() -> None:
    """The kernel adds a wait to the sum when it is over; a new thread has not been late."""
    queued = {1: ThreadTime(1.0, 0.2, is_runnable=True)}
    assert longest_wait_s(queued, queued, between_s=0.5) == 0.5
    assert longest_wait_s({}, queued, between_s=0.5) == 0.0


def test_nobody_waits_in_a_process_that_is_gone(running: list[subprocess.Popen[bytes]]) -> None:
    """No thread, no time; it will be found dead."""
    pid = _start(running, _LOOP)
    running[0].kill()
    running[0].wait()
    assert thread_times(pid) == {}
