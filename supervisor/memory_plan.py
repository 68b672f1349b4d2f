"""What the daemon will hold and what is free in; whether it fits, and if not why, out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from supervisor.members import Child

SUPERVISOR_MB: Final = 18
"""This process: Python, ZeroMQ and psutil."""


def needs_mb(children: Iterable[Child]) -> dict[str, int]:
    """Return what each process holds once its models are loaded, by name."""
    return {
        "supervisor": SUPERVISOR_MB,
        **{child.name: child.limits.needs_mb for child in children},
    }


def shortage(needs: Mapping[str, int], free_mb: float | None) -> str:
    """Return why the daemon does not fit, in one line; empty where it does or nobody knows.

    free_mb: what may still be taken; None: the system does not tell.
    """
    total_mb = sum(needs.values())
    if free_mb is None or total_mb <= free_mb:
        return ""
    largest = sorted(needs.items(), key=lambda item: -item[1])
    parts = ", ".join(f"{name} {each_mb}" for name, each_mb in largest)
    return (
        f"{total_mb} MB are needed ({parts}) and {free_mb:.0f} MB are free; "
        "end other programs, or choose a smaller profile or model"
    )
