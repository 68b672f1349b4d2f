from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from config.settings import Settings
from models.errors import EngineFailed
from models.protocols import Float32Array, Hypothesis, Transcriber
from models.store import ModelStore
from models.transcribers import open_transcriber, prepare_whisper
from models.whisper_files import STEPS


@pytest.fixture(scope="module")
def engine(settings: Settings, store: ModelStore) -> Transcriber:
    """Return the smallest profile's recogniser: Whisper tiny, English."""
    return open_transcriber(settings, store)


def _hear(
    engine: Transcriber, samples: Float32Array, draft: Hypothesis | None = None
) -> tuple[Hypothesis, int]:
    steps = engine.transcribe(samples, draft)
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value, count
        count += 1


def _recording(folder: Path, name: str) -> Float32Array:
    samples, _ = sf.read(folder / f"{name}.wav", dtype="float32")
    return np.asarray(samples, np.float32)


def test_writes_down_a_question(engine: Transcriber, recordings: Path) -> None:
    """Real speech becomes its words, with a step before each pass of the model."""
    heard, steps = _hear(engine, _recording(recordings, "timer_en"))
    assert heard.text.lower().strip(".") == "set a timer for 10 minutes"
    assert heard.language == "en"
    assert heard.suppressed == ""
    assert heard.log_probability > -0.5
    assert steps > 5


def test_hears_the_same_twice(engine: Transcriber, recordings: Path) -> None:
    """The same samples give the same hypothesis, to the last digit."""
    sound = _recording(recordings, "timer_en")
    assert _hear(engine, sound) == _hear(engine, sound)


@pytest.mark.parametrize("heard_s", [0.8, 1.6, 2.4])
def test_a_draft_saves_passes_and_changes_nothing(
    engine: Transcriber, recordings: Path, heard_s: float
) -> None:
    """With what was heard in its beginning, a hypothesis is the same to the last digit."""
    sound = _recording(recordings, "question_en")
    plain, steps = _hear(engine, sound)
    draft, _ = _hear(engine, sound[: int(heard_s * 16_000)])
    drafted, drafted_steps = _hear(engine, sound, draft)
    assert drafted == plain
    assert drafted_steps <= steps
    assert _hear(engine, sound, plain)[1] < 3


def test_a_draft_of_something_else_does_no_harm(engine: Transcriber, recordings: Path) -> None:
    """A wrong draft costs no more than itself: not one pass."""
    sound = _recording(recordings, "timer_en")
    plain, steps = _hear(engine, sound)
    wrong, _ = _hear(engine, _recording(recordings, "question_en"))
    assert _hear(engine, sound, wrong) == (plain, steps)


def test_a_quiet_voice_is_heard(engine: Transcriber, recordings: Path) -> None:
    """At -60 dBFS the words are the same."""
    sound = _recording(recordings, "timer_en")
    quiet = (sound * np.float32(10**-1.2)).astype(np.float32)
    assert _hear(engine, quiet)[0].text == _hear(engine, sound)[0].text


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.3, 3.0])
def test_silence_has_no_words(engine: Transcriber, seconds: float) -> None:
    """Digital silence of any length is suppressed with a reason, and is no error."""
    heard, _ = _hear(engine, np.zeros(int(seconds * 16_000), np.float32))
    assert heard.text == ""
    assert heard.suppressed


def test_hiss_has_no_words(engine: Transcriber) -> None:
    """Noise is suppressed with a reason."""
    hiss = 0.02 * np.random.default_rng(1).standard_normal(5 * 16_000)
    heard, _ = _hear(engine, hiss.astype(np.float32))
    assert heard.text == ""
    assert heard.suppressed


def test_a_long_speech_is_heard_to_its_end(engine: Transcriber, recordings: Path) -> None:
    """More than the model's window is heard window by window, and no sentence is lost."""
    sentences = [_recording(recordings, name) for name in ("timer_en", "question_en")]
    pause = np.zeros(8 * 16_000, np.float32)
    speech = np.concatenate(
        [part for _ in range(2) for each in sentences for part in (each, pause)]
    )
    assert len(speech) > 40 * 16_000
    text = _hear(engine, speech)[0].text.lower()
    assert text.count("timer") == 2
    assert text.count("what else") == 2


def test_can_be_cancelled_between_steps(engine: Transcriber, recordings: Path) -> None:
    """A closed generator leaves nothing behind: the next utterance is heard as ever."""
    sound = _recording(recordings, "timer_en")
    steps = engine.transcribe(sound)
    next(steps)
    next(steps)
    steps.close()
    assert "timer" in _hear(engine, sound)[0].text


def test_refuses_what_is_no_whisper(settings: Settings, store: ModelStore) -> None:
    """A model of another kind under [encoder] is named, with the remedy."""
    encoder = msgspec.structs.replace(settings.encoder, model="smollm2-135m")
    with pytest.raises(EngineFailed, match="smollm2-135m"):
        open_transcriber(msgspec.structs.replace(settings, encoder=encoder), store)


def test_exports_once(store: ModelStore, tmp_path: Path) -> None:
    """The first time it tells how far it is; after that, the folder is only looked up."""
    fresh = ModelStore(tmp_path, store.catalogue)
    (tmp_path / "models").mkdir()
    fresh.folder("whisper-tiny").symlink_to(store.folder("whisper-tiny"))
    steps: list[int] = []
    folder = prepare_whisper("whisper-tiny", fresh, steps.append)
    assert steps == list(range(1, STEPS + 1))
    assert prepare_whisper("whisper-tiny", fresh, steps.append) == folder
    assert len(steps) == STEPS


def test_finds_the_export_again(store: ModelStore) -> None:
    """Opening twice writes once."""
    folder = prepare_whisper("whisper-tiny", store)
    written_ns = (folder / "encoder.onnx").stat().st_mtime_ns
    assert prepare_whisper("whisper-tiny", store) == folder
    assert (folder / "encoder.onnx").stat().st_mtime_ns == written_ns
