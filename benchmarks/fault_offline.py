"""A daemon without any network, not even to itself, in; what it answered out."""

from __future__ import annotations

from typing import Final

from benchmarks.fault_disk import allowed
from benchmarks.fault_house import House, Scene
from benchmarks.figures import Figures

_NAMESPACE: Final = ("unshare", "--user", "--map-root-user", "--net")


def measure(scene: Scene) -> Figures:
    """Ask under unshare(1) --net."""
    if not allowed(_NAMESPACE):
        return {"no network": {"not run": "unshare --net is not allowed here", "ok": True}}
    with House.asked(scene, "offline", scene.rounds, before=_NAMESPACE) as house:
        left = house.end(20 + 15 * scene.rounds)
    return {
        "no network": {
            "turns": scene.rounds,
            "answered": left.answered,
            "exit_code": left.exit_code,
            "ok": left.answered == scene.rounds and left.exit_code == 0,
        }
    }
