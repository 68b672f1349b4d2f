"""Core numbers in, who may run where out: the plan for machines of other sizes is configuration."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence


def available_cores() -> tuple[int, ...]:
    """Return the cores that this process may use, in order; one where the system does not tell."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


def chosen_plan(available: int, plans: Iterable[int]) -> int | None:
    """Return the largest plan that `available` cores are enough for; None: the defaults hold."""
    return max((plan for plan in plans if plan <= available), default=None)


def chosen_cores(places: Sequence[int], available: Sequence[int]) -> frozenset[int]:
    """Return the cores at `places` of `available`; all of them where no place is there.

    Places are counted from 0 among the cores that the daemon may use, so that a plan also fits
    into a container to which the system gave cores 6 and 7.
    """
    found = frozenset(available[place] for place in places if place < len(available))
    return found or frozenset(available)


def share_of(places: Sequence[int], worker: int, workers: int, threads: int) -> Sequence[int]:
    """Return the places of one of a stage's workers: a part for each, or all where they are few.

    threads: of each worker; on fewer cores than these they would wait for each other.
    """
    if len(places) < workers * threads:
        return places
    return places[worker * len(places) // workers : (worker + 1) * len(places) // workers]


def keep_to(places: Sequence[int]) -> None:
    """Let this process and its threads to come run on the cores at `places` only.

    Where the system forbids it the process runs everywhere: slower beside others, not wrong.
    """
    if not places or not hasattr(os, "sched_setaffinity"):
        return
    try:
        os.sched_setaffinity(0, chosen_cores(places, available_cores()))
    except PermissionError:
        return
