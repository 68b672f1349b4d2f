from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from msgspec.structs import replace
from onnx import TensorProto, helper

from config.load import load_settings
from config.settings import Settings
from models.catalogue import load_catalogue
from models.errors import EngineFailed, ModelMissing
from models.protocols import Float32Array, Hypothesis, Transcriber
from models.steps import finished
from models.store import ModelStore
from models.transcribers import open_transcriber

RATE = 16_000
VOCABULARY = ["▁sí", "▁enciende", "<blk>"]


def write_model(folder: Path) -> None:
    """Write a NeMo CTC model of two words: the first where it is loud, the second where not.

    Its inputs, outputs and vocabulary are those of the real ones.
    """
    folder.mkdir(parents=True)
    sound = helper.make_tensor_value_info("audio_signal", TensorProto.FLOAT, ["b", 80, "t"])
    length = helper.make_tensor_value_info("length", TensorProto.INT64, ["b"])
    words = helper.make_tensor_value_info("logprobs", TensorProto.FLOAT, ["b", "t", 3])
    weights = np.array([[5.0, -5.0, 0.0]], np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["audio_signal"], ["level"], axes=[1], keepdims=1),
        helper.make_node("Transpose", ["level"], ["levels"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["levels", "weights"], ["scores"]),
        helper.make_node("LogSoftmax", ["scores"], ["logprobs"], axis=-1),
    ]
    graph = helper.make_graph(
        nodes, "tiny", [sound, length], [words],
        [helper.make_tensor("weights", TensorProto.FLOAT, weights.shape, weights.ravel())],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    lines = [f"{word} {index}" for index, word in enumerate(VOCABULARY)]
    (folder / "vocab.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    config = {"model_type": "nemo-conformer-ctc", "features_size": 80, "subsampling_factor": 1}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def settings_for(model: str) -> Settings:
    settings = load_settings("tiny")
    return replace(settings, encoder=replace(settings.encoder, engine="onnx-asr", model=model))


def heard(transcriber: Transcriber, samples: Float32Array) -> Hypothesis:
    return finished(transcriber.transcribe(samples))


def sound(seconds: float) -> Float32Array:
    """Return noise that is loud for its first half."""
    noise = np.random.default_rng(0).standard_normal(int(seconds * RATE)).astype(np.float32)
    gain = np.where(np.arange(len(noise)) < len(noise) // 2, 0.3, 0.001)
    return (noise * gain).astype(np.float32)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "cache", load_catalogue())


def test_a_model_of_the_library_is_one_line_of_config(tmp_path: Path, store: ModelStore) -> None:
    """The folder of a user's own model: its words, and the language they are in."""
    write_model(tmp_path / "mine")
    transcriber = open_transcriber(settings_for(str(tmp_path / "mine")), store)
    result = heard(transcriber, sound(2.0))
    assert result.text == "sí enciende"
    assert result.language == "es"
    assert result.suppressed == ""


def test_a_model_by_name_lies_in_the_store(store: ModelStore) -> None:
    """Where `models fetch` puts it."""
    write_model(store.root / "onnx-asr" / "somebody--tiny-model")
    transcriber = open_transcriber(settings_for("somebody/tiny-model"), store)
    assert "enciende" in heard(transcriber, sound(1.0)).text


def test_sound_too_short_for_a_word_is_no_text(tmp_path: Path, store: ModelStore) -> None:
    """Not even the engine is asked."""
    write_model(tmp_path / "mine")
    transcriber = open_transcriber(settings_for(str(tmp_path / "mine")), store)
    result = heard(transcriber, np.zeros(100, np.float32))
    assert (result.text, result.suppressed) == ("", "blank")


def test_a_model_that_was_not_fetched_is_named(store: ModelStore) -> None:
    """With the command that fetches it; nothing is fetched at run time."""
    with pytest.raises(ModelMissing, match=r"models fetch --set encoder\.engine=onnx-asr"):
        open_transcriber(settings_for("nemo-parakeet-tdt-0.6b-v3"), store)


def test_a_damaged_model_is_refused(tmp_path: Path, store: ModelStore) -> None:
    """One line that names the model and its folder."""
    write_model(tmp_path / "mine")
    (tmp_path / "mine" / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(EngineFailed, match="mine"):
        open_transcriber(settings_for(str(tmp_path / "mine")), store)
