import pytest

from config.stage_settings import Limits
from supervisor.memory_watch import Drain, MemoryWatch, Shed
from supervisor.watchdog import Kill

LIMITS = Limits(silence_ms=500, needs_mb=50, soft_mb=100, hard_mb=200, kill_mb=300)


@pytest.fixture
def watch() -> MemoryWatch:
    return MemoryWatch({"encoder": LIMITS, "talker": LIMITS})


def test_samples_are_spread(watch: MemoryWatch) -> None:
    """Each process is looked at every two seconds, never two of them at once."""
    looked = [(tick / 10, watch.due(tick / 10)) for tick in range(40)]
    assert [(at, name) for at, name in looked if name] == [
        (0.0, "encoder"), (1.0, "talker"), (2.0, "encoder"), (3.0, "talker"),
    ]  # fmt: skip


def test_below_the_soft_limit_nothing_follows(watch: MemoryWatch) -> None:
    """A limit may be reached."""
    assert watch.judge("encoder", 100.0, 0.0) is None


def test_above_the_soft_limit_the_worker_sheds_now_and_then(watch: MemoryWatch) -> None:
    """Half a minute lies between two orders; each worker has its own."""
    assert watch.judge("encoder", 150.0, 0.0) == Shed("encoder")
    assert watch.judge("encoder", 150.0, 29.0) is None
    assert watch.judge("talker", 150.0, 29.0) == Shed("talker")
    assert watch.judge("encoder", 150.0, 30.0) == Shed("encoder")


def test_above_the_hard_limit_the_worker_is_drained_once(watch: MemoryWatch) -> None:
    """A successor that is as large at once is not drained again within a minute."""
    assert watch.judge("encoder", 250.0, 0.0) == Drain("encoder", "holds 250 MB, hard_mb is 200")
    watch.started("encoder")
    assert watch.judge("encoder", 250.0, 10.0) == Shed("encoder")
    assert watch.judge("encoder", 250.0, 60.0) == Drain("encoder", "holds 250 MB, hard_mb is 200")


def test_above_kill_mb_nothing_is_waited_for(watch: MemoryWatch) -> None:
    """The kill is not repeated while the process dies, but holds for its successor."""
    assert watch.judge("encoder", 301.0, 0.0) == Kill("encoder", "holds 301 MB, kill_mb is 300")
    assert watch.judge("encoder", 301.0, 0.1) != Kill("encoder", "holds 301 MB, kill_mb is 300")
    watch.started("encoder")
    assert watch.judge("encoder", 301.0, 5.0) == Kill("encoder", "holds 301 MB, kill_mb is 300")
