"""A worker that leaks memory in, what the supervisor did about it and what users noticed out.

The leak is real and the product has no hook for it: Python imports a module `sitecustomize` at
its start, and ours lets a thread of the victim, forked or started, allocate and touch memory.
"""

from __future__ import annotations

from typing import Final

from benchmarks.fault_house import House, Scene
from benchmarks.figures import Figures

_TURNS: Final = 8
_MB_PER_S: Final = 30
_VICTIMS: Final = ("encoder", "talker")
_LEAK: Final = """
import os, threading, time

def leak(held=[]):
    time.sleep(0.5)  # a forked process has its own command line by then
    with open("/proc/self/cmdline") as file:
        words = file.read().split("\\0")
    while "stages.worker" in words and os.environ["LEAK_IN"] in words:
        held.append(bytearray(b"x") * 1_000_000)
        time.sleep(1 / float(os.environ["LEAK_MB_PER_S"]))

def begin():
    threading.Thread(target=leak, daemon=True).start()

os.register_at_fork(after_in_child=begin)
begin()
"""


def measure(scene: Scene) -> Figures:
    """Let each victim leak from its start on."""
    return {victim: _leaking(scene, victim) for victim in scene.victims if victim in _VICTIMS}


def _leaking(scene: Scene, victim: str) -> Figures:
    module = scene.folder / "leak" / "sitecustomize.py"
    module.parent.mkdir(parents=True, exist_ok=True)
    module.write_text(_LEAK, encoding="utf-8")
    environment = {
        "PYTHONPATH": str(module.parent),
        "LEAK_IN": victim,
        "LEAK_MB_PER_S": str(_MB_PER_S),
    }
    options = (
        "thinker.most_tokens=16",
        "supervisor.max_restarts=1000",
        "supervisor.degrade=false",
    )
    with House.asked(
        scene, f"leak-{victim}", _TURNS, settings=options, environment=environment
    ) as house:
        left = house.end(_TURNS * 10)
    shed = [line for line in left.logged("worker is to shed memory") if line["worker"] == victim]
    drained = [line for line in left.logged("worker is drained") if line["worker"] == victim]
    killed = [
        line
        for line in left.logged("worker is killed")
        if line["worker"] == victim and "kill_mb" in line["reason"]
    ]
    return {
        "turns": _TURNS,
        "answered": left.answered,
        "mb_per_s": _MB_PER_S,
        "shed": len(shed),
        "drained": len(drained),
        "killed": len(killed),
        "restarts": left.restarts.get(victim, 0),
        "ok": left.answered == _TURNS and bool(shed) and bool(drained) and bool(killed),
    }
