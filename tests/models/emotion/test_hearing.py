"""Real speech through a real encoder, with a head made up to fit the smallest one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from benchmarks.emotion_fit import Fit, write_head
from bus.frames import CHUNK_SAMPLES, AnyFrame, AudioChunk, SpeechEnded, SpeechPaused, Transcript
from config.emotions import HEARD
from config.settings import Settings
from models.emotion.head import EmotionHead
from models.emotion.prosody import NUMBERS
from models.protocols import Float32Array
from models.steps import finished
from models.store import ModelStore
from models.transcribers import open_transcriber, prepare_whisper
from models.whisper import WhisperTranscriber
from stages.encoder import Encoder

WIDTH = 384
"""Of Whisper tiny."""
TURN: dict[str, Any] = {"session": "s", "turn": 1}


@pytest.fixture(scope="module")
def engine(
    settings: Settings, store: ModelStore, tmp_path_factory: pytest.TempPathFactory
) -> WhisperTranscriber:
    """Return Whisper tiny with a head of random weights."""
    draw = np.random.default_rng(1)
    size = WIDTH + NUMBERS
    found = Fit(
        mean=np.zeros(size),
        deviation=np.ones(size),
        weight=0.1 * draw.standard_normal((size, len(HEARD))),
        bias=np.zeros(len(HEARD)),
    )
    path = tmp_path_factory.mktemp("head") / "head.onnx"
    write_head(found, 1.0, WIDTH, path)
    folder = prepare_whisper(settings.encoder.model, store)
    languages = settings.daemon.languages
    return WhisperTranscriber(folder, settings.encoder, languages, EmotionHead(path))


@pytest.fixture(scope="module")
def sentence(recordings: Path) -> Float32Array:
    """Return a sentence of six words."""
    return np.asarray(sf.read(recordings / "timer_en.wav", dtype="float32")[0], np.float32)


def _hear(
    engine: WhisperTranscriber, samples: Float32Array, *, hasty: bool = False
) -> tuple[float, ...]:
    return finished(engine.transcribe(samples, hasty=hasty)).emotion


def test_words_have_an_emotion(engine: WhisperTranscriber, sentence: Float32Array) -> None:
    """The same one each time; half of the sound has another."""
    emotion = _hear(engine, sentence)
    assert sum(emotion) == pytest.approx(1.0, abs=1e-3)
    assert _hear(engine, sentence) == emotion
    assert _hear(engine, sentence[: len(sentence) // 2]) != emotion


def test_what_has_none(engine: WhisperTranscriber, sentence: Float32Array) -> None:
    """A hasty hypothesis, for which it would be a waste, a single word, and silence."""
    assert _hear(engine, sentence, hasty=True) == ()
    assert _hear(engine, sentence[:9_600]) == ()
    assert _hear(engine, np.zeros(32_000, np.float32)) == ()


def test_another_models_head_is_not_used(
    settings: Settings, store: ModelStore, sentence: Float32Array
) -> None:
    """The shipped head was trained on Whisper base and leaves others alone."""
    assert settings.encoder.emotion
    other = open_transcriber(settings, store)
    assert isinstance(other, WhisperTranscriber)
    assert _hear(other, sentence) == ()


def test_the_end_sounds_as_the_pause_did(
    settings: Settings, engine: WhisperTranscriber, sentence: Float32Array
) -> None:
    """Candidate and final carry the emotion, also where a successor takes up the candidate's."""
    pcm = (32_767 * sentence).astype(np.int16)
    chunks = [
        AudioChunk(**TURN, first_sample=start, pcm=pcm[start : start + CHUNK_SAMPLES].tobytes())
        for start in range(0, len(pcm), CHUNK_SAMPLES)
    ]
    paused = SpeechPaused(**TURN, revision=1, sample=len(pcm), speech_end_sample=len(pcm))
    ended = SpeechEnded(
        **TURN, revision=1, sample=len(pcm), speech_end_sample=len(pcm), reason="silence"
    )
    first, successor = Encoder(settings), Encoder(settings)
    first._transcriber = successor._transcriber = engine
    heard: list[AnyFrame] = [*chunks, paused]
    said = [out for frame in heard for out in first.handle(frame)]
    (candidate,) = (frame for frame in said if isinstance(frame, Transcript))
    assert sum(candidate.emotion) == pytest.approx(1.0, abs=1e-3)
    for encoder in (first, successor):
        if encoder is successor:
            encoder.resume(heard, [candidate])
        finals = [out for out in encoder.handle(ended) if isinstance(out, Transcript)]
        assert [final.emotion for final in finals] == [candidate.emotion]
