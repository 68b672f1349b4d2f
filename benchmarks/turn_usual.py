"""An utterance in, its answer's sound out, the way tutorials build it: nothing overlaps."""

from __future__ import annotations

import time
from typing import Any, Final

import llama_cpp
import numpy as np
import soxr  # type: ignore[import-untyped]
import webrtcvad  # type: ignore[import-untyped]
from faster_whisper import WhisperModel  # type: ignore[import-untyped]
from numpy.typing import NDArray
from piper import PiperVoice

from benchmarks.lfm2_shape import shape_file
from benchmarks.turn_daemon import stand_in_voice
from benchmarks.turn_peers import Job, timed
from config.load import load_settings
from models.protocols import Float32Array, Int16Array
from models.store import open_store
from stages.persona import Persona

_RATE: Final = 16_000
_BLOCK_MS: Final = 30
_END_BLOCKS: Final = 500 // _BLOCK_MS + 1
_START_BLOCKS: Final = 4
_WITHIN_BLOCKS: Final = 10
_MODE: Final = 3
"""The strictest: it takes least for speech, and so ends an utterance earliest."""
_PREROLL_BLOCKS: Final = 15
_THREADS: Final = 2


class UsualPipeline:
    """webrtcvad, faster-whisper, llama-cpp-python, piper-tts. Implements Pipeline."""

    block_samples = _BLOCK_MS * _RATE // 1000

    def __init__(self) -> None:
        store = open_store()
        settings = load_settings("default")
        folder = store.folder(settings.encoder.model)
        self._ears: Any = WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=_THREADS,
            local_files_only=True,
        )  # fmt: skip
        self._brain: Any = llama_cpp.Llama(
            str(shape_file(store)),
            n_ctx=settings.thinker.context_tokens,
            n_threads=_THREADS, n_threads_batch=_THREADS, verbose=False,
        )  # fmt: skip
        english = store.files("piper-joe")["voice"]
        spanish = stand_in_voice(store) or store.files("piper-davefx")["voice"]
        self._voices = {"en": PiperVoice.load(english), "es": PiperVoice.load(spanish)}
        self._persona = Persona(settings.daemon.languages)
        self._settings = settings.thinker
        self._gate: Any = webrtcvad.Vad(_MODE)
        self._messages: list[dict[str, str]] = []

    def begin(self, job: Job) -> None:
        """Forget the conversation."""
        self._job = job
        self._messages = [{"role": "system", "content": self._persona.text(job.language)}]

    def listen(self) -> None:
        """Wait for the next utterance."""
        self._heard: list[Int16Array] = []
        self._voiced: list[bool] = []
        self._silent = 0
        self._speaking = False

    def feed(self, block: Int16Array) -> bool:
        """Hear 30 ms; return whether 500 ms were silent behind speech."""
        voiced = bool(self._gate.is_speech(block.tobytes(), _RATE))
        self._heard.append(block)
        self._voiced.append(voiced)
        if not self._speaking:
            self._speaking = sum(self._voiced[-_WITHIN_BLOCKS:]) >= _START_BLOCKS
            self._heard = self._heard[-_PREROLL_BLOCKS:]
            return False
        self._silent = 0 if voiced else self._silent + 1
        return self._silent >= _END_BLOCKS

    def answer(self) -> tuple[str, Float32Array, dict[str, float]]:
        """Write all of it down, think it all, say it all."""
        steps_ms: dict[str, float] = {}
        now_s = time.monotonic()
        sound = np.concatenate(self._heard).astype(np.float32) / 32_768
        segments, _ = self._ears.transcribe(sound)
        transcript = " ".join(segment.text.strip() for segment in segments)
        now_s = timed("transcript", now_s, steps_ms)
        answer = self._think(transcript)
        now_s = timed("answer", now_s, steps_ms)
        voice = self._voices[self._job.language]
        chunks = [chunk.audio_float_array for chunk in voice.synthesize(answer)]
        spoken = soxr.resample(np.concatenate(chunks), voice.config.sample_rate, _RATE)
        timed("sound", now_s, steps_ms)
        return transcript, np.asarray(spoken, np.float32), steps_ms

    def _think(self, transcript: str) -> str:
        self._messages.append({"role": "user", "content": transcript})
        script = self._brain.tokenize(self._job.script.encode(), add_bos=False)
        reply = self._brain.create_chat_completion(
            messages=self._messages,
            max_tokens=self._settings.most_tokens,
            temperature=self._settings.temperature,
            logits_processor=llama_cpp.LogitsProcessorList(
                [_Forced([*script, self._brain.token_eos()])]
            ),
        )
        answer = str(reply["choices"][0]["message"]["content"])
        self._messages.append({"role": "assistant", "content": answer})
        return answer


class _Forced:
    """Lets nothing be drawn but the next token of a script."""

    def __init__(self, tokens: list[int]) -> None:
        self._tokens = iter(tokens)

    def __call__(self, _tokens: NDArray[np.intc], logits: NDArray[np.single]) -> NDArray[np.single]:
        """Return logits that leave one choice."""
        forced = np.full_like(logits, -np.inf)
        forced[next(self._tokens)] = 0.0
        return forced
