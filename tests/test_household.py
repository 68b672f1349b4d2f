"""The whole daemon with notes: what is asked aloud is remembered, found and forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]

from config.load import load_settings
from models.notes import open_notes
from models.protocols import Int16Array
from models.voices import Voices
from tests.daemon import environment, run

Speaker = Callable[[str], Path]
SAMPLE_RATE = 16_000


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Speaker:
    """Return what speaks English sentences into files, with Piper's joe."""
    folder = tmp_path_factory.mktemp("spoken")
    voices = Voices(load_settings("tiny", None, ["talker.voices.en=piper-joe"]))
    voices.open()

    def speak(text: str) -> Path:
        voice = voices.voice("en")
        chunks = [chunk for chunk in voice.speak(text, seed=1) if chunk is not None]
        sound: Int16Array = np.concatenate(chunks)
        path = folder / f"{len(list(folder.iterdir()))}.wav"
        sf.write(path, soxr.resample(sound, voice.rate, SAMPLE_RATE), SAMPLE_RATE, "PCM_16")
        return path

    return speak


def ask(folder: Path, *recordings: Path) -> list[dict[str, Any]]:
    done = run(
        "ask", "--profile", "tiny", "--json", "--set", f"memory.path={folder / 'notes.db'}",
        "--set", "thinker.most_tokens=16", *recordings, env=environment(folder),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    turns: list[dict[str, Any]] = json.loads(done.stdout)["turns"]
    return turns


def test_what_is_told_is_remembered_found_and_forgotten(spoken: Speaker, tmp_path: Path) -> None:
    """It outlives the daemon; nobody asks a model whether it was done."""
    wish = spoken("Remember that the kitchen lamp is broken.")
    question = spoken("Which lamp is broken in the kitchen?")
    told = ask(tmp_path, wish)
    assert [turn["answer"] for turn in told] == ["I will remember that."]
    assert told[0]["heard"] == told[0]["answer"]
    assert [path.name for path in tmp_path.glob("notes.db*")] == ["notes.db"]  # it was closed
    (asked,) = ask(tmp_path, question)
    assert ["lamp" in passage for passage in asked["retrieved"]] == [True]
    (forgotten,) = ask(tmp_path, spoken("Forget that the kitchen lamp is broken."))
    assert forgotten["answer"] == "I have forgotten that."
    settings = load_settings("tiny", None, [f"memory.path={tmp_path / 'notes.db'}"])
    assert open_notes(settings).count() == 0
