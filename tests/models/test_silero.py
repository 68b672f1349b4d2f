from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort  # type: ignore[import-untyped]
import pytest
import soundfile as sf  # type: ignore[import-untyped]
from onnx import TensorProto, helper

from models.errors import EngineFailed, ModelMissing
from models.protocols import Int16Array
from models.silero import FRAME_SAMPLES, STATE_SHAPE, SileroDetector
from models.silero_prepare import main, prepare
from models.store import ModelStore


def _probabilities(detector: SileroDetector, pcm: Int16Array) -> list[float]:
    frames = len(pcm) // FRAME_SAMPLES
    return [
        detector.probability(pcm[at * FRAME_SAMPLES : (at + 1) * FRAME_SAMPLES])
        for at in range(frames)
    ]


def test_speech_is_probable_and_silence_is_not(silero_model: Path, recordings: Path) -> None:
    """A question is speech in its middle, and the silence behind it is not."""
    pcm, _ = sf.read(recordings / "syrup_es.wav", dtype="int16")
    heard = _probabilities(SileroDetector(silero_model), np.append(pcm, np.zeros(16_000, np.int16)))
    assert max(heard) > 0.9
    assert max(heard[-20:]) < 0.1


def test_noise_is_not_speech(silero_model: Path, recordings: Path) -> None:
    """Dishes are hardly ever taken for a voice."""
    pcm, _ = sf.read(recordings / "dishes.wav", dtype="int16")
    heard = _probabilities(SileroDetector(silero_model), pcm)
    assert sum(p >= 0.5 for p in heard) <= 3


def test_reset_forgets(silero_model: Path, recordings: Path) -> None:
    """After a reset the same sound gets the same probabilities, to the last bit."""
    pcm, _ = sf.read(recordings / "three_es.wav", dtype="int16")
    detector = SileroDetector(silero_model)
    first = _probabilities(detector, pcm)
    assert _probabilities(detector, pcm) != first
    detector.reset()
    assert _probabilities(detector, pcm) == first


def test_what_is_run_equals_what_was_fetched(
    silero_model: Path, store: ModelStore, recordings: Path
) -> None:
    """Frame for frame, with the state carried through speech, to five digits."""
    pcm, _ = sf.read(recordings / "question_es.wav", dtype="int16")
    session = ort.InferenceSession(store.files("silero-vad")["model"])
    state, wanted = np.zeros(STATE_SHAPE, np.float32), []
    sound = np.concatenate([np.zeros(64, np.float32), pcm.astype(np.float32) / 32_768])
    for at in range(0, len(pcm) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        frame = sound[None, at : at + 64 + FRAME_SAMPLES]
        feed = {"input": frame, "sr": np.array(16_000, np.int64), "state": state}
        score, state = session.run(None, feed)
        wanted.append(float(score[0, 0]))
    found = _probabilities(SileroDetector(silero_model), pcm)
    assert max(wanted) > 0.9
    assert np.abs(np.subtract(wanted, found)).max() < 1e-5


def test_another_model_is_not_prepared(store: ModelStore, tmp_path: Path) -> None:
    """A graph that is not Silero's ends the preparation with one line and code 3."""
    other = store.files("smart-turn-v3.2")["model"]
    assert main([str(other), str(tmp_path)]) == 3
    with pytest.raises(EngineFailed, match="not Silero VAD"):
        prepare(other, tmp_path)


def test_a_frame_of_another_length_is_refused(silero_model: Path) -> None:
    """The graph would take any length and answer nonsense, so the engine does not."""
    with pytest.raises(ValueError, match="512 samples"):
        SileroDetector(silero_model).probability(np.zeros(320, np.int16))


def test_a_missing_model_names_its_remedy(tmp_path: Path) -> None:
    """The message names the command that fetches the model."""
    with pytest.raises(ModelMissing, match="models fetch"):
        SileroDetector(tmp_path / "silero_vad.onnx")


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    """Bytes that are no graph are an engine's failure, in one line."""
    path = tmp_path / "silero_vad.onnx"
    path.write_bytes(b"not a graph" * 100)
    with pytest.raises(EngineFailed) as failure:
        SileroDetector(path)
    assert "\n" not in str(failure.value)


def test_another_graph_is_refused(tmp_path: Path) -> None:
    """A graph that is not Silero's is refused by its inputs, before any sound comes."""
    wave = helper.make_tensor_value_info("wave", TensorProto.FLOAT, [1])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["wave"], ["out"])], "g", [wave], [out])
    opset = helper.make_opsetid("", 17)
    path = tmp_path / "other.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=9), path)
    with pytest.raises(EngineFailed, match="its inputs are wave"):
        SileroDetector(path)
