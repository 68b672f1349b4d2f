from __future__ import annotations

import threading

import pytest

from models.cores import plan_cores, running_threads


@pytest.mark.parametrize(
    ("threads", "cores", "plan"),
    [
        ([7, 8], [0, 1], {7: 0, 8: 1}),
        ([7, 8], [3, 1], {7: 1, 8: 3}),
        ([7, 8], [0, 1, 2], {}),
        ([7, 8, 9], [0, 1], {}),
        ([7], [0], {}),
    ],
)
def test_threads_get_cores_where_none_is_left_over(
    threads: list[int], cores: list[int], plan: dict[int, int]
) -> None:
    """Elsewhere the scheduler knows better."""
    assert plan_cores(threads, cores) == plan


def test_this_thread_is_among_those_that_run() -> None:
    """The system tells them all."""
    assert threading.get_native_id() in running_threads()
