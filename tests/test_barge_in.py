"""Somebody speaks over answers, in one run of the whole daemon in real time.

How fast that is depends on the machine, and is measured by the benchmarks: here it is what
becomes of each utterance, and that the room hears nothing that was called off.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from bus.frames import AnyFrame, Cancel, Closed, Played
from bus.recording import read_recording
from config.settings import Settings
from models.protocols import Int16Array
from models.store import ModelStore
from models.voices import open_voice
from stages.resampling import Resampler, to_float32, to_int16
from tests.daemon import environment, run

RATE: Final = 16_000
_LONG: Final = "Well, this takes a while. " + " ".join(
    f"The step with the number {number} takes quite a lot of time, as you will see."
    for number in ("one", "two", "three", "four", "five", "six", "seven")
)


class Conversation:
    """A question, a noise, "yes, yes", another question and "be quiet", each over an answer."""

    def __init__(self, folder: Path, input_wav: Path) -> None:
        runtime = folder / "runtime"
        runtime.mkdir()
        room, log = folder / "room.wav", folder / "turns.log"
        done = run(
            "ask", "--profile", "tiny", "--realtime", "--json", "--out", room, "--record", log,
            "--set", f"thinker.script={_LONG}", "--set", "thinker.most_tokens=200", input_wav,
            env=environment(runtime),
        )  # fmt: skip
        self.exit_code, self.errors = done.returncode, done.stderr
        self.turns: list[dict[str, Any]] = json.loads(done.stdout)["turns"]
        self.frames: list[AnyFrame] = list(read_recording(log).frames)
        self.room: Int16Array = sf.read(room, dtype="int16")[0]


@pytest.fixture(scope="module")
def conversation(
    tmp_path_factory: pytest.TempPathFactory,
    recordings: Path,
    settings: Settings,
    store: ModelStore,
) -> Conversation:
    folder = tmp_path_factory.mktemp("conversation")
    voice = open_voice(settings.talker.voices["en"], "en", settings.talker, store)

    def said(text: str) -> Int16Array:
        chunks = [pcm for pcm in voice.speak(text, seed=1) if pcm is not None]
        resampler = Resampler(voice.rate, RATE)
        sound = resampler.push(to_float32(np.concatenate(chunks)))
        return to_int16(np.concatenate([sound, resampler.flush()]))

    def recorded(name: str) -> Int16Array:
        pcm: Int16Array = sf.read(recordings / name, dtype="int16")[0]
        return pcm

    def quiet(seconds: float) -> Int16Array:
        noise = np.random.default_rng(1).normal(0, 4, int(seconds * RATE))
        return noise.astype(np.int16)

    scene = [
        recorded("question_en.wav"), quiet(4), recorded("dishes.wav")[:RATE], quiet(1.5),
        said("Yes, yes."), quiet(2), recorded("timer_en.wav"), quiet(4),
        said("Be quiet."), quiet(1),
    ]  # fmt: skip
    sf.write(folder / "scene.wav", np.concatenate(scene), RATE)
    return Conversation(folder, folder / "scene.wav")


def test_what_was_said_over_answers_is_understood(conversation: Conversation) -> None:
    """Nobody is answered twice, and who interrupts is not left without an answer."""
    assert (conversation.exit_code, conversation.errors) == (0, "")
    transcripts = [turn["transcript"].lower().strip(".?! ") for turn in conversation.turns]
    assert "what else" in transcripts[0]
    assert transcripts[1].startswith("yes")
    assert "timer" in transcripts[2]
    assert transcripts[3:] == ["be quiet"]


def test_words_and_orders_end_an_answer_and_a_yes_does_not(conversation: Conversation) -> None:
    """The two questions are cancelled by what was said over them; the others want no answer."""
    endings = {
        frame.turn: frame.reason for frame in conversation.frames if isinstance(frame, Closed)
    }
    by_turn = [endings.pop(turn["turn"]) for turn in conversation.turns]
    assert by_turn == ["cancelled", "no_answer", "cancelled", "no_answer"]
    assert set(endings.values()) <= {"no_words"}
    cancels = [
        frame for frame in conversation.frames if isinstance(frame, Cancel) and frame.whole_turn
    ]
    questions = [conversation.turns[0]["turn"], conversation.turns[2]["turn"]]
    assert [cancel.turn for cancel in cancels] == questions


def test_only_what_was_heard_is_told(conversation: Conversation) -> None:
    """What `ask` prints, and what the history keeps, ends where the answer was cut off."""
    for turn in (conversation.turns[0], conversation.turns[2]):
        assert _LONG.startswith(turn["heard"])
        assert len(turn["heard"]) < len(_LONG)
    for turn in (conversation.turns[1], conversation.turns[3]):
        assert (turn["answer"], turn["heard"], turn["first_sound_s"]) == ("", "", None)


def test_nothing_that_was_called_off_is_heard(conversation: Conversation) -> None:
    """The room is silent but between the first and the last sample that each answer reports."""
    silent = np.ones(len(conversation.room), bool)
    for frame in conversation.frames:
        if isinstance(frame, Played) and frame.last and frame.first_clock_sample:
            silent[frame.first_clock_sample : frame.clock_sample] = False
    assert conversation.room[~silent].any()
    assert not conversation.room[silent].any()
