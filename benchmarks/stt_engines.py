"""Settings in, the recognisers that are compared out: shipped, float padded to 30 s, the peer."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from faster_whisper import WhisperModel  # type: ignore[import-untyped]
from msgspec import Struct

from benchmarks.speech_clips import RATE
from config.settings import Settings
from models.derived import build_once
from models.log_mel import log_mel
from models.protocols import Float32Array, Transcriber
from models.steps import finished
from models.store import ModelStore
from models.transcribers import open_transcriber
from models.whisper import WhisperTranscriber
from models.whisper_export import Precisions, export_whisper
from models.whisper_files import EXPORT_NAME
from models.whisper_passes import Impression

_WINDOW_SAMPLES: Final = 30 * RATE


class Heard(Struct, frozen=True):
    """What an engine made of one clip."""

    text: str
    language: str
    suppressed: str
    milliseconds: float


class PaddedWhisper(WhisperTranscriber):
    """The same model in float32 as it was trained: each clip padded to 30 s, log-mel unshifted."""

    def listen(self, window: Float32Array, silence_positions: int) -> Impression:
        """Encode the window and the silence that fills it up."""
        del silence_positions
        padded = np.pad(window, (0, _WINDOW_SAMPLES - len(window)))
        mel = log_mel(padded, self.passes.shape.bands, shifted=False)
        return self.passes.listen(mel, silence_positions=0)


def padded_float(settings: Settings, store: ModelStore) -> Transcriber:
    """Return the original to compare with; its graphs are written once and kept."""
    files = store.resolve(settings.encoder.model)

    def build(folder: Path) -> None:
        floats = Precisions(encoder="float", decoder="float")
        export_whisper(files["weights"], files["tokenizer"], folder, _unseen, floats)

    name = f"{EXPORT_NAME}-float"
    folder = build_once(store.derived(settings.encoder.model, name), build)
    return PaddedWhisper(folder, settings.encoder, settings.daemon.languages)


def _unseen(done: int) -> None:
    del done


def shipped(settings: Settings, store: ModelStore) -> Transcriber:
    """Return the recogniser as the daemon uses it."""
    return open_transcriber(settings, store)


class Peer:
    """faster-whisper on the same weights: int8, beam 1, all else as it comes."""

    def __init__(self, settings: Settings, store: ModelStore) -> None:
        folder = store.folder(settings.encoder.model)
        self._model: Any = WhisperModel(
            str(folder),
            device="cpu",
            compute_type="int8",
            cpu_threads=settings.encoder.threads,
            local_files_only=True,
        )

    def milliseconds(self, samples: Float32Array) -> float:
        """Return how long it takes to transcribe `samples`."""
        began_s = time.monotonic()
        segments, _ = self._model.transcribe(samples, beam_size=1)
        for _ in segments:
            pass
        return 1_000 * (time.monotonic() - began_s)


def hear(engine: Transcriber, samples: Float32Array) -> Heard:
    """Run one clip through an engine to the end."""
    began_s = time.monotonic()
    found = finished(engine.transcribe(samples))
    took_ms = 1_000 * (time.monotonic() - began_s)
    return Heard(found.text, found.language, found.suppressed, took_ms)


class HeardLog:
    """Results that a later run need not compute again.

    path: a file of JSON lines, appended to; None: nothing is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[str, Heard] = {}
        if path is not None and path.is_file():
            for line in path.read_bytes().splitlines():
                key, heard = msgspec.json.decode(line, type=tuple[str, Heard])
                self._known[key] = heard

    def get(self, key: str) -> Heard | None:
        """Return a known result."""
        return self._known.get(key)

    def put(self, key: str, heard: Heard) -> None:
        """Keep a result."""
        self._known[key] = heard
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode((key, heard)) + b"\n")
