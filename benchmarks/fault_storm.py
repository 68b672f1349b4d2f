"""A worker killed each time it comes up in; who lives on and what the user is told out."""

from __future__ import annotations

import signal
import threading
import time
from typing import Final

from benchmarks.fault_house import House, Scene
from benchmarks.figures import Figures
from bus.notices import sentence

_TURNS: Final = 4
_VICTIMS: Final = ("encoder", "thinker", "talker")
_GAVE_UP: Final = "gave up after"
_POLL_S: Final = 0.02


def measure(scene: Scene) -> Figures:
    """Kill each victim until the supervisor gives it up."""
    return {victim: _storm(scene, victim) for victim in scene.victims if victim in _VICTIMS}


def _storm(scene: Scene, victim: str) -> Figures:
    told = {
        "encoder": sentence("encoder_lost", "en", ("en",)),
        "thinker": sentence("thinker_lost", "en", ("en",)),
        "talker": sentence("talker_lost", "en", ("en",)),
    }[victim][0]
    options = ("thinker.most_tokens=16", 'daemon.languages=["en"]')
    with House.asked(scene, f"storm-{victim}", _TURNS, settings=options) as house:
        storm = threading.Thread(target=_rage, args=(house, victim), daemon=True)
        for turn, _ in enumerate(house.turns(), 1):
            if turn == 1:
                storm.start()
        left = house.end()
    restarts = left.restarts
    heard = [turn["heard"] for turn in left.turns]
    others = {name: count for name, count in restarts.items() if name != victim and count}
    return {
        "turns": _TURNS,
        "gave_up": _GAVE_UP in left.errors,
        "told": sum(each == told for each in heard),
        "others_restarted": len(others),
        "silent_turns": _TURNS - sum(map(bool, heard)),
        "exit_code": left.exit_code,
        "ok": _GAVE_UP in left.errors and heard[-1:] == [told] and not others,
    }


def _rage(house: House, victim: str) -> None:
    """Kill the victim at once, wherever it shows itself, until nobody starts it again."""
    while not house.ended and not house.said(_GAVE_UP):
        house.signal(victim, signal.SIGKILL)
        time.sleep(_POLL_S)
