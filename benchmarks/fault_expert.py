"""An expert's server killed in the middle of its answer in; when and how the turn ends out."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Final

from benchmarks.chat_server import ChatServer
from benchmarks.fault_house import House, Scene, seen
from benchmarks.figures import Figures
from benchmarks.spoken import speak
from bus.frames import AnyFrame, Clause
from models.store import open_store

QUESTION: Final = "Can you explain how black holes form?"
_MOST_S: Final = 2.0
_SETTINGS: Final = (
    "memory.look_up=false",
    "pool.expert=true",
    "pool.most_tokens=800",  # it still speaks when it is killed
    "pool.specialists.server.model=any",
    "pool.specialists.server.load_s=60",  # a busy machine is not what is measured
    "pool.specialists.server.first_ms=30_000",
    "pool.specialists.server.between_ms=30_000",
)


def measure(scene: Scene) -> Figures:
    """Kill the server at the first clause of each turn; each round has a server and a daemon."""
    scene.folder.mkdir(parents=True, exist_ok=True)
    rounds = [_round(scene, number) for number in range(scene.rounds)]
    times = [took for took, _ in rounds if took is not None]
    goes_on_s, took_s = [each[0] for each in times], [each[1] for each in times]
    answered = sum(ok for _, ok in rounds)
    return {
        "server": {
            "turns": scene.rounds,
            "killed": len(took_s),
            "answered": answered,
            "goes_on_s_p50": round(statistics.median(goes_on_s), 2) if goes_on_s else None,
            "finished_s_p50": round(statistics.median(took_s), 2) if took_s else None,
            "finished_s_most": round(max(took_s), 2) if took_s else None,
            "ok": answered == scene.rounds == len(took_s) and max(took_s) <= _MOST_S,
        }
    }


def _round(scene: Scene, number: int) -> tuple[tuple[float, float] | None, bool]:
    """Return when after the kill the next and the last clause were written, and if all was heard.

    None: the server was not asked, was given up, or had ended before it could be killed.
    """
    model = open_store().resolve("smollm2-135m")["model"]
    recording = speak(QUESTION, scene.folder / f"question-{number}.wav")
    with ChatServer(model) as server:
        settings = (*_SETTINGS, f"pool.server.url={server.url}")
        name, arguments = f"expert-{number}", ("ask", "--realtime", "--json", recording)
        with House(scene, name, arguments, settings=settings) as house:
            house.reached(1, seen(Clause))
            asked = house.logged("a specialist is asked")
            # read before the kill, which has the same line logged
            given_up = house.logged("no answer of a specialist")
            before = house.frames(1)
            killed_s = time.monotonic()
            server.kill()
            house.reached(1, seen(Clause, sum(isinstance(each, Clause) for each in before) + 1))
            goes_on_s = time.monotonic() - killed_s
            house.reached(1, _is_written)
            took_s = time.monotonic() - killed_s
            left = house.end()
    turn = left.turns[0] if left.turns else {}
    whole = left.exit_code == 0 and turn.get("heard") == turn.get("answer") != ""
    was_speaking = asked and not given_up and not _is_written(before)
    return ((goes_on_s, took_s) if was_speaking else None), whole


def _is_written(frames: Sequence[AnyFrame]) -> bool:
    return any(isinstance(frame, Clause) and frame.last for frame in frames)
