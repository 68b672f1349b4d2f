"""Kill -9 of the thinker while it is told to remember in; acknowledged facts that are lost out.

Each turn is a spoken "remember that ...", of another fact; the thinker is killed at a moment of it
drawn at random. What was answered with "I will remember that." must be in the store.
"""

from __future__ import annotations

import itertools
import random
import signal
import time
from pathlib import Path
from typing import Final

import numpy as np
import soundfile as sf  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]

from benchmarks.fault_house import House, Scene
from benchmarks.figures import Figures
from bus.frames import SAMPLE_RATE
from config.load import load_settings
from models.notes.database import open_database
from models.protocols import Int16Array
from models.voices import Voices
from stages.household_requests import Remember, household_request

_THINGS: Final = "lamp door chair table window garden kitchen bottle carpet mirror".split()  # noqa: SIM905 - easier to read
_STATES: Final = "red blue green white black yellow broken open heavy old".split()  # noqa: SIM905 - the same
_TURN_S: Final = 1.5
_SETTINGS: Final = (
    "supervisor.max_restarts=1000",
    "supervisor.restart_period_s=3",  # a kill in each turn is no storm
    "thinker.most_tokens=8",
)


def killed_turns(scene: Scene) -> Figures:
    """Kill the thinker in each of as many turns as the scene has rounds."""
    folder = scene.folder / "wish"
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / "notes.db"
    draw = random.Random(scene.seed)  # noqa: S311 - no secret
    in_turn = killed = 0
    arguments: list[str | Path] = ["ask", "--json", *_spoken(folder, scene.rounds)]
    settings = (*_SETTINGS, f"memory.path={store}")
    with House(scene, "wish", arguments, settings=settings) as house:
        for turn in house.turns():
            time.sleep(draw.uniform(0.0, _TURN_S))
            was_open = turn in house.open_turns()
            hit = house.signal("thinker", signal.SIGKILL) is not None
            killed += hit
            in_turn += hit and was_open
        left = house.end()
    connection = open_database(store, "", 4)
    there = {text for (text,) in connection.execute("SELECT text FROM passages")}
    whole = connection.pragma("integrity_check") == "ok"
    connection.close()
    wishes = [
        (household_request(turn["transcript"]), "remember" in turn["answer"]) for turn in left.turns
    ]
    told = [wish.text for wish, told in wishes if told and isinstance(wish, Remember)]
    lost = [text for text in told if text not in there]
    return {
        "asked": scene.rounds,
        "turns": len(left.turns),
        "killed": killed,
        "in_its_turn": in_turn,
        "answered": left.answered,
        "acknowledged": len(told),
        "lost": len(lost),
        "whole": whole,
        "ok": whole and not lost and bool(told),  # `--only kill` tells whether all are answered
    }


def _spoken(folder: Path, count: int) -> list[Path]:
    """Return recordings of as many wishes, spoken by Piper's joe."""
    voices = Voices(load_settings("tiny", None, ["talker.voices.en=piper-joe"]))
    voices.open()
    voice = voices.voice("en")
    paths = []
    for at, (thing, state) in enumerate(itertools.product(_THINGS, _STATES)):
        if at == count:
            break
        text = f"Remember that the {thing} is {state}."
        sound: Int16Array = np.concatenate(
            [chunk for chunk in voice.speak(text, seed=1) if chunk is not None]
        )
        paths.append(folder / f"{at}.wav")
        sf.write(paths[-1], soxr.resample(sound, voice.rate, SAMPLE_RATE), SAMPLE_RATE, "PCM_16")
    return paths
