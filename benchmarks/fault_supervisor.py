"""`kill -9` of the supervisor in; how long its children outlive it out."""

from __future__ import annotations

import os
import random
import signal
import time
from typing import Final

from benchmarks.fault_house import RECORDING, House, Scene, gone_after_s
from benchmarks.figures import Figures

_WITHIN_S: Final = 1.0


def measure(scene: Scene) -> Figures:
    """Kill the supervisor at random moments of a turn, once a start."""
    moments = random.Random(scene.seed)  # noqa: S311 - moments are no secret
    outlived_ms: list[float] = []
    orphans = 0
    for start in range(scene.rounds):
        name = f"supervisor-{start}"
        sink = scene.folder / name / "sink.wav"
        with House(scene, name, ["run", "--source", RECORDING, "--sink", sink]) as house:
            next(house.turns(), None)
            time.sleep(moments.uniform(0.0, 4.0))
            children = house.members()
            if len(children) != len(set(children.values())) or house.ended:
                continue
            os.kill(house.pid, signal.SIGKILL)
            killed_s = time.monotonic()
            for pid in children.values():
                if gone_after_s(pid, _WITHIN_S) is None:
                    orphans += 1
            outlived_ms.append((time.monotonic() - killed_s) * 1000)
    return {
        "supervisor": {
            "killed": len(outlived_ms),
            "orphans": orphans,
            "last_child_gone_ms": round(max(outlived_ms, default=0.0)),
            "ok": bool(outlived_ms) and orphans == 0 and max(outlived_ms) <= _WITHIN_S * 1000,
        }
    }
