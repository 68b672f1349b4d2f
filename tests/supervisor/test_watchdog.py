import pytest

from bus.frames import Vitals
from config.settings import Supervisor
from supervisor.thread_times import ThreadTime
from supervisor.watchdog import Decision, GiveUp, Kill, Life, Start, Watchdog

POLICY = Supervisor(
    ready_within_s=10,
    beat_ms=100,
    max_restarts=3,
    restart_period_s=60,
    backoff_first_ms=100,
    backoff_most_ms=1_000,
    stop_within_s=3,
    resume_within_s=30,
    degrade=True,
    turn_budget_ms=900,
    turn_deadline_s=60,
)


def vitals(*, ready: bool = True, busy: bool = False) -> Vitals:
    return Vitals(stage="encoder", worker=0, incarnation=1, ready=ready, busy=busy)


def never_waits(_name: str) -> dict[int, ThreadTime]:
    return {1: ThreadTime(ran_s=1.0, waited_s=0.0, is_runnable=False)}


class Starved:
    """A child whose second thread has to wait for its core from `since_s` on."""

    def __init__(self, since_s: float) -> None:
        self.since_s = self.now_s = since_s
        self.looks = 0

    def __call__(self, _name: str) -> dict[int, ThreadTime]:
        """Return the times at `now_s`."""
        self.looks += 1
        waited_s = max(0.0, self.now_s - self.since_s)
        idle = ThreadTime(ran_s=1.0, waited_s=0.0, is_runnable=False)
        return {1: idle, 2: ThreadTime(ran_s=2.0, waited_s=waited_s, is_runnable=True)}


@pytest.fixture
def watchdog() -> Watchdog:
    dog = Watchdog(POLICY)
    dog.started("encoder", silence_ms=500, now_s=0.0)
    return dog


def test_a_loading_worker_is_not_judged_by_beats(watchdog: Watchdog) -> None:
    """Loading a model takes seconds without a beat."""
    assert watchdog.decide(9.9, never_waits) == []
    assert not watchdog.all_ready


def test_a_worker_that_never_gets_ready_is_killed_once(watchdog: Watchdog) -> None:
    """The limit is ready_within_s; the kill is not repeated while the process dies."""
    assert watchdog.decide(10.1, never_waits) == [Kill("encoder", "not ready within 10 s")]
    assert watchdog.decide(10.2, never_waits) == []


def test_beats_keep_a_busy_worker_alive(watchdog: Watchdog) -> None:
    """Each beat starts the silence anew."""
    for tick in range(20):
        watchdog.beat("encoder", vitals(busy=True), now_s=tick * 0.4)
        assert watchdog.decide(tick * 0.4 + 0.39, never_waits) == []
    assert watchdog.all_ready


def test_silence_with_work_in_hand_is_death(watchdog: Watchdog) -> None:
    """Longer than silence_ms without a beat."""
    watchdog.beat("encoder", vitals(busy=True), now_s=1.0)
    assert watchdog.decide(1.5, never_waits) == []
    assert watchdog.decide(1.51, never_waits) == [Kill("encoder", "silent for 510 ms")]


def test_an_idle_worker_has_more_time(watchdog: Watchdog) -> None:
    """Nobody waits for it; a stopped process is found all the same."""
    watchdog.beat("encoder", vitals(), now_s=1.0)
    assert watchdog.decide(2.99, never_waits) == []
    assert watchdog.decide(3.01, never_waits) == [Kill("encoder", "silent for 2010 ms")]


def test_restarts_wait_longer_each_time(watchdog: Watchdog) -> None:
    """Back-off doubles: 100, 200, 400 ms."""
    now_s = 0.0
    for wait_s in (0.1, 0.2, 0.4):
        assert watchdog.died("encoder", "killed by SIGKILL", now_s) is None
        assert watchdog.life("encoder") is Life.BACKOFF
        assert watchdog.decide(now_s + wait_s - 0.01, never_waits) == []
        assert watchdog.decide(now_s + wait_s, never_waits) == [Start("encoder")]
        watchdog.started("encoder", silence_ms=500, now_s=now_s + wait_s)
        now_s += 1.0
    assert watchdog.restarts("encoder") == 3


def test_too_many_deaths_in_a_period_are_final(watchdog: Watchdog) -> None:
    """After max_restarts the worker stays down."""
    for death in range(3):
        assert watchdog.died("encoder", "crash", float(death)) is None
        watchdog.started("encoder", silence_ms=500, now_s=death + 0.5)
    assert watchdog.died("encoder", "crash", 3.0) == GiveUp("encoder", "crash")
    assert watchdog.decide(100.0, never_waits) == []


def test_old_deaths_are_forgiven(watchdog: Watchdog) -> None:
    """Deaths longer ago than the period do not count."""
    for death in range(10):
        assert watchdog.died("encoder", "crash", death * 61.0) is None
        watchdog.started("encoder", silence_ms=500, now_s=death * 61.0 + 1)


def test_who_waits_for_a_core_is_not_silent(watchdog: Watchdog) -> None:
    """Other processes have the cores: five times the patience, and then it is enough."""
    watchdog.beat("encoder", vitals(busy=True), now_s=1.0)
    child = Starved(since_s=1.0)
    found: list[Decision] = []
    while not found:
        child.now_s += 0.05
        found = watchdog.decide(child.now_s, child)
    assert found == [
        Kill("encoder", "silent for 2550 ms, 2300 ms of them in wait for a core"),
    ]


def test_a_wait_for_a_core_that_is_over_counts_once(watchdog: Watchdog) -> None:
    """A worker that was stopped after it had waited is found that much later."""
    watchdog.beat("encoder", vitals(busy=True), now_s=1.0)
    child = Starved(since_s=1.3)
    assert watchdog.decide(1.3, child) == []
    child.now_s = 1.4
    waited = child("encoder")
    assert watchdog.decide(1.59, lambda _: waited) == []
    assert watchdog.decide(1.61, lambda _: {1: waited[1]}) == [Kill("encoder", "silent for 610 ms")]


def test_who_is_in_time_is_not_looked_at(watchdog: Watchdog) -> None:
    """Reading the times of threads costs something: of late ones only, and a beat ends it."""
    child = Starved(since_s=0.0)
    for tick in range(20):
        watchdog.beat("encoder", vitals(busy=True), now_s=tick * 0.2)
        assert watchdog.decide(tick * 0.2 + 0.19, child) == []
    assert child.looks == 0


def test_work_ends_the_patience_with_an_idle_worker(watchdog: Watchdog) -> None:
    """One that was stopped before its work came is found as soon as one stopped in it."""
    watchdog.beat("encoder", vitals(), 1.0)
    watchdog.given_work("encoder", 1.2)
    watchdog.given_work("encoder", 1.6)
    assert watchdog.decide(1.7, never_waits) == []
    assert watchdog.decide(1.75, never_waits) == [Kill("encoder", "silent for 550 ms")]


def test_a_beat_after_work_has_come_shows_that_it_lives(watchdog: Watchdog) -> None:
    """It has done the work, or its beat says that it is busy with it."""
    watchdog.beat("encoder", vitals(), 1.0)
    watchdog.given_work("encoder", 1.2)
    watchdog.beat("encoder", vitals(), 1.3)
    assert watchdog.decide(2.2, never_waits) == []


def test_all_is_quiet_while_nobody_has_work(watchdog: Watchdog) -> None:
    """Neither while one loads, nor when one is busy or was given something."""
    found = [watchdog.all_quiet]
    watchdog.beat("encoder", vitals(), 1.0)
    found.append(watchdog.all_quiet)
    watchdog.given_work("encoder", 1.2)
    found.append(watchdog.all_quiet)
    watchdog.beat("encoder", vitals(busy=True), 1.3)
    found.append(watchdog.all_quiet)
    watchdog.beat("encoder", vitals(), 1.4)
    found.append(watchdog.all_quiet)
    assert found == [False, True, False, False, True]
