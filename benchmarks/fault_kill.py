"""`kill -9` at random moments of turns in real time in, answers lost and delays out."""

from __future__ import annotations

import random
import signal
import statistics
import sys
import time
from typing import Final

from benchmarks.fault_house import House, Scene
from benchmarks.fault_left import Left
from benchmarks.fault_said import Said, differs, said
from benchmarks.figures import Figures, lines_of
from benchmarks.turn_room import Listener

_MOST_MS: Final = {"thinker": 3_000}
_USUAL_MOST_MS: Final = 1_500
"""Median extra delay that is allowed."""
_SETTINGS: Final = (
    "supervisor.max_restarts=1000",
    "supervisor.restart_period_s=3",  # a kill in each turn is no storm, for which one backs off
    "supervisor.degrade=false",  # a cheaper voice would be another answer
    # One sentence for all answers, drawn token by token through the real model: a successor in the
    # middle of it may put it otherwise, and then there is nothing to compare it with.
    "thinker.script=The kettle needs four minutes, and then the tea must stand for three.",
)


def measure(scene: Scene) -> Figures:
    """Kill each victim once a turn; a turn is compared with the same turn of an unkilled run."""
    with House.asked(scene, "kill-none", scene.rounds, settings=_SETTINGS) as house:
        lasted_s = [_lasted_s(house, turn) for turn in house.turns()]
        usual = house.end()
    listener = Listener()
    expected = said(usual, listener)
    figures: Figures = {
        "nobody": {"turns": scene.rounds, "answered": usual.answered, "ok": usual.exit_code == 0}
    }
    for victim in scene.victims:
        left, hits = _run(scene, victim, statistics.median(lasted_s))
        figures[victim] = _row(victim, left, hits, said(left, listener), expected)
        sys.stderr.write("\n".join(lines_of({victim: figures[victim]})) + "\n")  # it takes long
    return figures


def _lasted_s(house: House, turn: str) -> float:
    began_s = time.monotonic()
    while turn in house.open_turns() and not house.ended:
        time.sleep(0.01)
    return time.monotonic() - began_s


def _run(scene: Scene, victim: str, turn_s: float) -> tuple[Left, int]:
    moments = random.Random(f"{scene.seed} {victim}")  # noqa: S311 - moments are no secret
    hits = 0
    with House.asked(scene, f"kill-{victim}", scene.rounds, settings=_SETTINGS) as house:
        for _ in house.turns():
            time.sleep(moments.uniform(0.0, turn_s))
            hits += house.signal(victim, signal.SIGKILL) is not None
        return house.end(), hits


def _row(victim: str, left: Left, hits: int, answers: list[Said], expected: list[Said]) -> Figures:
    pairs = list(zip(answers, expected, strict=False))
    wrong = {
        f"{turn}": f"usual {usual.answer!r}, answer {one.answer!r}, "
        f"in the room {one.words!r}, {one.sound_ms - usual.sound_ms:+.0f} ms of sound"
        for turn, (one, usual) in enumerate(pairs, 1)
        if differs(one, usual, "en")
    }
    later_ms = [
        one.ends_ms - usual.ends_ms
        for one, usual in pairs
        if one.ends_ms and usual.ends_ms and one.answer == usual.answer
    ]
    extra_ms = statistics.median(later_ms) if later_ms else float("nan")
    return {
        "turns": len(expected),
        "answered": left.answered,
        "killed": hits,
        "restarts": left.restarts.get(victim, 0),
        "said_twice_or_missing": len(wrong),
        "same_answer": sum(one.answer == usual.answer for one, usual in pairs),
        "extra_ms_p50": round(extra_ms),
        "extra_ms_most": round(max(later_ms, default=0)),
        "ok": left.answered == len(pairs) == len(expected)
        and not wrong
        and extra_ms <= _MOST_MS.get(victim, _USUAL_MOST_MS),
        **({"which": wrong} if wrong else {}),
    }
