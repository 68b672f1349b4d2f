"""An utterance in, its answer's sound out: the daemon's engines, one strictly after the other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import numpy as np
import soxr  # type: ignore[import-untyped]

from benchmarks.lfm2_shape import shape_file
from benchmarks.stt_engines import hear
from benchmarks.turn_daemon import stand_in_voice
from benchmarks.turn_peers import Job, timed
from bus.frames import CHUNK_SAMPLES, SAMPLE_RATE
from config.load import load_settings
from config.settings import Settings
from models.llama import LlamaModel
from models.protocols import (
    ChatMessage,
    Float32Array,
    Int16Array,
    ModelState,
    Sampling,
)
from models.scripted import ScriptedModel
from models.silero import open_silero
from models.smart_turn import open_smart_turn
from models.store import open_store
from models.transcribers import open_transcriber
from models.voices import Voices
from stages.boundaries import Ended
from stages.endpointing import Endpointer
from stages.persona import Persona
from stages.prompt import Exchange, Past, head, question
from stages.spoken_text import spoken_text
from stages.turn_judge import SoundJudge
from stages.voice_activity import VoiceActivityDetector

_PREROLL_BLOCKS: Final = 20


def _bench_settings() -> Settings:
    """Return the daemon's settings with the stand-ins that `bench turn` gives it."""
    store = open_store()
    options = [f"thinker.model={shape_file(store)}"]
    if spanish := stand_in_voice(store):
        options.append(f"talker.voices.es={spanish}")
    return load_settings("default", None, options)


class OwnPipeline:
    """The daemon's engines without the daemon. Implements Pipeline."""

    block_samples = CHUNK_SAMPLES

    def __init__(self) -> None:
        self._settings = settings = _bench_settings()
        self._silero = open_silero(open_store())
        turn_model = settings.capture.endpointing.model
        self._turn_model = open_smart_turn(turn_model, open_store()) if turn_model else None
        self._ears = open_transcriber(settings)
        model = open_store().resolve(settings.thinker.model)["model"]
        self._brain = LlamaModel(model, settings.thinker)
        self._voices = Voices(settings)
        self._voices.open()
        self._persona = Persona(settings.daemon.languages)
        self._exchanges: list[Exchange] = []
        self._state: ModelState | None = None
        self._at = 0

    def begin(self, job: Job) -> None:
        """Forget the conversation."""
        self._job = job
        self._exchanges = []
        self._scripted = ScriptedModel(self._brain, job.script)

    def listen(self) -> None:
        """Wait for the next utterance, with the history read before it."""
        self._read(self._head(), answer=False)
        self._state = self._brain.save()
        capture = self._settings.capture
        self._detector = VoiceActivityDetector(capture.vad, self._silero)
        self._judge = SoundJudge(self._turn_model) if self._turn_model is not None else None
        self._endpointer = Endpointer(capture.endpointing, capture.vad, self._judge)
        self._heard: list[Int16Array] = []

    def feed(self, block: Int16Array) -> bool:
        """Hear 20 ms; return whether capture would end the turn here."""
        self._heard.append(block)
        if self._judge is not None:
            self._judge.hear(self._at, block)
        activity = self._detector.feed(self._at, block)
        self._at += CHUNK_SAMPLES
        ended = any(isinstance(each, Ended) for each in self._endpointer.feed(activity))
        if not self._endpointer.speaking and not ended:
            self._heard = self._heard[-_PREROLL_BLOCKS:]
        return ended

    def answer(self) -> tuple[str, Float32Array, dict[str, float]]:
        """Write all of it down, think it all, say it all."""
        steps_ms: dict[str, float] = {}
        now_s = time.monotonic()
        sound = np.concatenate(self._heard).astype(np.float32) / np.float32(32_768)
        transcript = hear(self._ears, sound).text
        now_s = timed("transcript", now_s, steps_ms)
        answer = self._think(transcript)
        now_s = timed("answer", now_s, steps_ms)
        spoken = self._say(answer)
        timed("sound", now_s, steps_ms)
        return transcript, spoken, steps_ms

    def _think(self, transcript: str) -> str:
        thinker = self._settings.thinker
        asked = question(self._persona, self._job.language, transcript)
        prompt = [*self._head(), ChatMessage("user", asked.content)]
        self._read(prompt, answer=True)
        sampling = Sampling(
            temperature=thinker.temperature, top_p=thinker.top_p, min_p=thinker.min_p,
            repeat_penalty=thinker.repeat_penalty, seed=1, most_tokens=thinker.most_tokens,
        )  # fmt: skip
        answer = "".join(text for text in self._scripted.generate(sampling) if text).strip()
        self._exchanges.append((transcript, answer))
        return answer

    def _head(self) -> list[ChatMessage]:
        return head(self._persona, self._job.language, Past(tuple(self._exchanges)))

    def _say(self, answer: str) -> Float32Array:
        voice = self._voices.voice(self._job.language)
        said = spoken_text(answer, self._job.language)
        chunks = [chunk for chunk in voice.speak(said, seed=1) if chunk is not None]
        sound = np.concatenate(chunks).astype(np.float32) / 32_768
        return np.asarray(soxr.resample(sound, voice.rate, SAMPLE_RATE), np.float32)

    def _read(self, prompt: Sequence[ChatMessage], *, answer: bool) -> None:
        """Bring the model to the end of `prompt`, from the saved state where it begins with it."""
        tokens = self._brain.tokenize(self._brain.render(prompt, answer=answer))
        known = self._state
        if known is not None and tuple(tokens[: len(known.tokens)]) != known.tokens:
            known = None
        self._brain.restore(known)
        for _ in self._brain.read(tokens[len(known.tokens) if known else 0 :]):
            pass
