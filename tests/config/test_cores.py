from __future__ import annotations

import subprocess
import sys

import pytest

from config.cores import available_cores, chosen_cores, chosen_plan, share_of
from config.load import load_settings


@pytest.mark.parametrize(
    ("available", "plan"), [(1, 1), (2, 2), (3, 2), (4, 4), (7, 4), (8, 8), (64, 8)]
)
def test_the_largest_plan_that_fits(available: int, plan: int) -> None:
    """A machine between two plans takes the smaller one."""
    assert chosen_plan(available, (4, 1, 8, 2)) == plan


def test_no_plan_is_small_enough() -> None:
    """Without a plan that fits the defaults hold."""
    assert chosen_plan(1, (2, 4)) is None


def test_places_are_counted_among_the_available_cores() -> None:
    """In a container with cores 4, 6 and 7 the first place is core 4."""
    assert chosen_cores((0, 2), (4, 6, 7)) == {4, 7}
    assert chosen_cores((2, 5), (4, 6, 7)) == {7}


def test_places_that_are_not_there_are_no_cage() -> None:
    """A plan for more cores than there are leaves all of them."""
    assert chosen_cores((5, 6), (0, 1)) == {0, 1}
    assert chosen_cores((), (0, 1)) == {0, 1}


@pytest.mark.parametrize(
    ("workers", "threads", "shares"),
    [
        (1, 1, [(0, 1, 2)]), (1, 4, [(0, 1, 2)]), (2, 1, [(0,), (1, 2)]), (2, 2, [(0, 1, 2)] * 2),
        (3, 1, [(0,), (1,), (2,)]), (4, 1, [(0, 1, 2)] * 4),
    ],
)  # fmt: skip
def test_workers_of_a_stage_share_its_cores_out(
    workers: int, threads: int, shares: list[tuple[int, ...]]
) -> None:
    """Two of them do not stand on each other's feet while there are cores for both."""
    assert [share_of((0, 1, 2), worker, workers, threads) for worker in range(workers)] == shares


def test_each_plan_is_a_layer_below_the_profile() -> None:
    """Plans change threads and cores; one core means one thread everywhere."""
    one, two, four, eight = (load_settings("tiny", cores=count) for count in (1, 2, 4, 8))
    assert [each.thinker.threads for each in (one, two, four, eight)] == [1, 2, 2, 4]
    assert two.thinker.cores == ()
    assert four.thinker.cores == (0, 1)
    assert four.thinker.model == "smollm2-135m"
    assert load_settings("tiny", None, ["thinker.threads=3"], cores=4).thinker.threads == 3


def test_a_process_keeps_to_its_cores() -> None:
    """What a worker is told holds for the whole process."""
    script = (
        "from config.cores import available_cores, keep_to\n"
        "keep_to((0,))\n"
        "print(*available_cores())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().split() == [str(available_cores()[0])]
