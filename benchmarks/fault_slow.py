"""A process that gets a tenth of its time in, rungs down and up and the waits of users out.

Slowness is real: the process is stopped and let go on in turns, each rest short enough not to be
taken for silence.
"""

from __future__ import annotations

import signal
import threading
import time
from typing import Final

from benchmarks.fault_house import House, Scene
from benchmarks.figures import Figures
from config.load import load_settings

_REST_S: Final = 0.45
_WORK_S: Final = 0.05
_SLOW_FROM: Final = 2
"""Turn, counted from 1: the first one is as usual."""
_DOWN_WITHIN: Final = 3
_TURNS: Final = 13
_CHANGES: Final = "stage changes its rung"
_STAGES: Final = ("encoder", "thinker", "talker")


def measure(scene: Scene) -> Figures:
    """Slow each victim that has a ladder from its second turn on until it has moved down."""
    deadline_s = load_settings(scene.profile, None, list(scene.settings)).supervisor.turn_deadline_s
    return {
        victim: _slowed(scene, victim, deadline_s * 1000)
        for victim in scene.victims
        if victim in _STAGES
    }


def _slowed(scene: Scene, victim: str, deadline_ms: int) -> Figures:
    down_at = up_at = None
    options = ("thinker.most_tokens=16",)
    with House.asked(scene, f"slow-{victim}", _TURNS, settings=options) as house:
        brake = _Brake(house, victim)
        for turn, _ in enumerate(house.turns(), 1):
            rungs = [line["rung"] for line in house.logged(_CHANGES) if line["stage"] == victim]
            if turn == _SLOW_FROM:
                brake.start()
            if rungs and down_at is None:
                down_at = turn - 1
                brake.release()
            if rungs[1:] and up_at is None:
                up_at = turn - 1
        brake.release()
        left = house.end()
    slow_turns = None if down_at is None else down_at - _SLOW_FROM + 1
    waits_ms = [turn["voice_to_voice_ms"] or float("inf") for turn in left.turns]
    return {
        "turns": _TURNS,
        "answered": left.answered,
        "slow_turns_until_down": slow_turns,
        "turns_until_up": None if up_at is None or down_at is None else up_at - down_at,
        "usual_ms": waits_ms[0] if waits_ms else None,
        "worst_ms": max(waits_ms, default=None),
        "restarts": left.restarts.get(victim, 0),
        "ok": left.answered == _TURNS
        and slow_turns is not None
        and slow_turns <= _DOWN_WITHIN
        and up_at is not None
        and max(waits_ms) <= deadline_ms,
    }


class _Brake(threading.Thread):
    """Stops a process and lets it go on, again and again, until it is released."""

    def __init__(self, house: House, victim: str) -> None:
        super().__init__(daemon=True)
        self._house = house
        self._victim = victim
        self._released = threading.Event()

    def run(self) -> None:
        while not self._released.is_set():
            self._house.signal(self._victim, signal.SIGSTOP)
            time.sleep(_REST_S)
            self._house.signal(self._victim, signal.SIGCONT)
            self._released.wait(_WORK_S)

    def release(self) -> None:
        """Let the process run as it will."""
        self._released.set()
        if self.is_alive():
            self.join()
