from __future__ import annotations

from bus.workers import WorkerId, Workers


def ready(workers: Workers, *ids: WorkerId) -> None:
    for each in ids:
        workers.hello(each)
        workers.ready(each)


def test_an_identity_names_stage_worker_and_incarnation() -> None:
    """It is what the sockets know a worker by."""
    assert WorkerId("encoder", 0, 3).identity == b"encoder.0.3"


def test_nobody_is_picked_before_ready() -> None:
    """A worker that loads its models is given nothing."""
    workers = Workers()
    workers.hello(WorkerId("talker", 0, 1))
    assert workers.pick("talker", "home") is None
    workers.ready(WorkerId("talker", 0, 1))
    assert workers.pick("talker", "home") == WorkerId("talker", 0, 1)


def test_the_least_loaded_is_picked() -> None:
    """Turns are shared; the first worker has the first."""
    first, second = WorkerId("encoder", 0, 1), WorkerId("encoder", 1, 1)
    workers = Workers()
    ready(workers, second, first)
    assert workers.pick("encoder", "home") == first
    workers.took(first)
    assert workers.pick("encoder", "home") == second
    workers.took(second)
    workers.took(second)
    workers.left([second, second])
    assert workers.pick("encoder", "home") == second


def test_a_session_keeps_thinker_and_playback() -> None:
    """However loaded they are: history and loudspeaker are there."""
    workers = Workers()
    for stage in ("thinker", "playback"):
        one, other = WorkerId(stage, 0, 1), WorkerId(stage, 1, 1)
        ready(workers, one, other)
        home = workers.pick(stage, "home")
        assert home == one
        workers.took(one)
        assert workers.pick(stage, "home") == one
        assert workers.pick(stage, "kitchen") == other
        workers.gone(one)
        assert workers.pick(stage, "home") == other


def test_the_gone_stay_gone() -> None:
    """An incarnation that was declared dead is refused with all before it."""
    workers = Workers()
    ready(workers, WorkerId("talker", 0, 2))
    workers.gone(WorkerId("talker", 0, 2))
    assert [workers.refuses(WorkerId("talker", 0, each)) for each in (1, 2, 3)] == [
        True, True, False,
    ]  # fmt: skip
    assert workers.of("talker") == ()
    assert not workers.refuses(WorkerId("talker", 1, 1))


def test_a_late_gone_does_not_touch_the_successor() -> None:
    """The successor may say Hello before the supervisor says Gone."""
    workers = Workers()
    ready(workers, WorkerId("talker", 0, 1))
    assert workers.hello(WorkerId("talker", 0, 2)) == WorkerId("talker", 0, 1)
    workers.ready(WorkerId("talker", 0, 2))
    workers.gone(WorkerId("talker", 0, 1))
    assert workers.of("talker") == (WorkerId("talker", 0, 2),)
