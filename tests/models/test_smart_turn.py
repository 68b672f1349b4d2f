from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]
from faster_whisper.feature_extractor import FeatureExtractor  # type: ignore[import-untyped]

from models.errors import EngineFailed, ModelMissing
from models.protocols import Int16Array
from models.smart_turn import (
    WINDOW_FRAMES,
    SmartTurn,
    features,
    open_smart_turn,
    prepare_smart_turn,
    read_head,
)
from models.smart_turn_prepare import main
from models.store import ModelStore

SILENT = 3_200


@pytest.fixture(scope="module")
def model(store: ModelStore) -> SmartTurn:
    """Return the model as the daemon loads it."""
    return open_smart_turn("smart-turn-v3.2", store)


def _said(recordings: Path, name: str, until_s: float | None = None) -> Int16Array:
    pcm, rate = sf.read(recordings / f"{name}.wav", dtype="int16")
    speech = pcm[: None if until_s is None else int(until_s * rate)]
    return np.append(speech, np.zeros(SILENT, np.int16))


def test_features_are_the_reference_extractors(recordings: Path) -> None:
    """Frames are those of an independent front end on the normalised sound, filled up in front."""
    heard = _said(recordings, "timer_en")[:16_000]
    sound = np.append(np.zeros(WINDOW_FRAMES * 160 - len(heard)), heard / 32_768)
    sound = (sound - sound.mean()) / np.sqrt(sound.var() + 1e-7)
    theirs = FeatureExtractor()(sound.astype(np.float32), padding=0)
    np.testing.assert_allclose(features(heard), theirs[:, :WINDOW_FRAMES], atol=2e-3)


def test_an_ended_sentence_is_likelier_over_than_half_of_it(
    model: SmartTurn, recordings: Path
) -> None:
    """After a whole question the speaker is done with more probability than in its middle."""
    for name, middle_s in (("question_en", 1.0), ("question_es", 1.2)):
        whole = model.probability(_trimmed(_said(recordings, name)), SILENT)
        part = model.probability(_said(recordings, name, middle_s), SILENT)
        assert whole > part


def _trimmed(sound: Int16Array) -> Int16Array:
    """Return the sound with no more silence at its end than the model is told of."""
    loud = np.flatnonzero(
        np.abs(sound.astype(np.int32)) > np.abs(sound.astype(np.int32)).max() // 50
    )
    return np.append(sound[: loud[-1] + 1], np.zeros(SILENT, np.int16))


def test_the_same_sound_has_the_same_probability(model: SmartTurn, recordings: Path) -> None:
    """No state is carried from one question to the next."""
    sound = _said(recordings, "timer_en")
    first = model.probability(sound, SILENT)
    model.probability(sound[:8_000], SILENT)
    assert model.probability(sound, SILENT) == first


@pytest.mark.parametrize("samples", [320, 16_000, 200_000])
def test_takes_any_length(model: SmartTurn, samples: int) -> None:
    """From one block to more than is heard, even of digital silence."""
    assert 0.0 <= model.probability(np.zeros(samples, np.int16), 320) <= 1.0


def test_a_missing_graph_is_named(tmp_path: Path) -> None:
    """An empty folder is no model."""
    with pytest.raises(ModelMissing, match=r"turn\.onnx"):
        SmartTurn(tmp_path, read_head())


def test_another_model_is_refused(store: ModelStore, tmp_path: Path) -> None:
    """A graph that is not Smart Turn ends the preparation with one line and code 3."""
    silero = store.files("silero-vad")["model"]
    assert main([str(silero), str(tmp_path)]) == 3
    with pytest.raises(EngineFailed, match=r"smart-turn|Smart Turn"):
        prepare_smart_turn("silero-vad", store)


def test_a_broken_head_is_named(tmp_path: Path) -> None:
    """A file that is no head, or a head of another size, is refused by name."""
    broken = tmp_path / "head.json"
    broken.write_text('{"bias": 0, "weights": [1, 2]}')
    with pytest.raises(EngineFailed, match=r"head\.json"):
        read_head(broken)
