from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort  # type: ignore[import-untyped]
import pytest
from onnx import TensorProto, helper, numpy_helper

from models.errors import EngineFailed, ModelMissing
from models.kokoro import GRAPH_FILE, KokoroFiles, KokoroVoice
from models.kokoro_graph import with_float_generator
from models.kokoro_prepare import main, prepare

CHANNELS = 8
SAMPLES_PER_TOKEN = 400
LETTERS = "abdefhijklmnopstuwzɲɾθðβ\u0263ʝʎʧ\u02c8\u02cc"


def _tiny_graph() -> onnx.ModelProto:
    """Return a graph with Kokoro's inputs and a quantised generator like Kokoro's."""
    noise = np.random.default_rng(4)

    def weight(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array(noise.normal(0, 0.1, shape).astype(np.float32), name)

    steps = noise.integers(0, 255, (CHANNELS, CHANNELS, 3)).astype(np.uint8)
    constants = [
        weight("table", 200, CHANNELS), weight("mix", 256, CHANNELS), weight("bias", CHANNELS),
        weight("up", CHANNELS, 1, SAMPLES_PER_TOKEN),
        numpy_helper.from_array(steps, "kernel_quantized"),
        numpy_helper.from_array(np.array(120, np.uint8), "kernel_zero_point"),
        numpy_helper.from_array(np.array(0.004, np.float32), "kernel_scale"),
        numpy_helper.from_array(np.array([1, -1, 1], np.int64), "bias_shape"),
        numpy_helper.from_array(np.array(2, np.float32), "two"),
        numpy_helper.from_array(np.array([2], np.int64), "last_axis"),
        numpy_helper.from_array(np.array([-1], np.int64), "flat"),
    ]  # fmt: skip
    node = helper.make_node
    nodes = [
        node("Gather", ["table", "tokens"], ["embedded"]),
        node("Transpose", ["embedded"], ["hidden"], perm=[0, 2, 1]),
        node("MatMul", ["style", "mix"], ["who"]),
        node("Unsqueeze", ["who", "last_axis"], ["who3"]),
        node("Add", ["hidden", "who3"], ["x"]),
        node("DynamicQuantizeLinear", ["x"], ["x_q", "x_scale", "x_zero"]),
        node("Mul", ["x_scale", "kernel_scale"], ["scales"]),
        node("Div", ["bias", "scales"], ["bias_steps"]),
        node("Floor", ["bias_steps"], ["bias_floor"]),
        node("Cast", ["bias_floor"], ["bias_int"], to=TensorProto.INT32),
        node("Reshape", ["bias_int", "bias_shape"], ["bias_3"]),
        node("ConvInteger", ["x_q", "kernel_quantized", "x_zero", "kernel_zero_point"],
             ["sum"], name="/decoder/generator/conv", pads=[1, 1], kernel_shape=[3]),
        node("Add", ["sum", "bias_3"], ["sum_bias"]),
        node("Cast", ["sum_bias"], ["sum_float"], to=TensorProto.FLOAT),
        node("Mul", ["sum_float", "scales"], ["y"]),
        node("Pow", ["y", "two"], ["y2"]),
        node("Div", ["y2", "speed"], ["slower"]),
        node("ConvTranspose", ["slower", "up"], ["wave3"], strides=[SAMPLES_PER_TOKEN]),
        node("Tanh", ["wave3"], ["wave"]),
        node("Reshape", ["wave", "flat"], ["audio"]),
    ]  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "length"]),
            helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
            helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
        ],
        [helper.make_tensor_value_info("audio", TensorProto.FLOAT, None)],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    """Return model, vocabulary and styles of a voice on a small scale."""
    model, vocabulary, styles = (tmp_path / name for name in ("k.onnx", "vocab.json", "s.npz"))
    onnx.save(_tiny_graph(), str(model))
    symbols = {symbol: number for number, symbol in enumerate(";:,.!? " + LETTERS, start=1)}
    vocabulary.write_text(json.dumps({"vocab": symbols}), encoding="utf-8")
    speakers = np.random.default_rng(2).normal(0, 1, (2, 510, 1, 256)).astype(np.float32)
    np.savez(styles, jf_alpha=speakers[0], jm_kumo=speakers[1])
    return [model, vocabulary, styles]


@pytest.fixture
def files(sources: list[Path], tmp_path: Path) -> KokoroFiles:
    """Return the files of the prepared voice."""
    folder = tmp_path / "prepared"
    folder.mkdir()
    prepare(sources[0], sources[1], sources[2], folder)
    return KokoroFiles(folder, sources[1], sources[2])


def test_the_float_generator_computes_what_the_quantised_one_did(sources: list[Path]) -> None:
    """No ConvInteger is left in the generator, and the sound differs by its rounding only."""
    model = onnx.load(str(sources[0]))
    faster = with_float_generator(model)
    kinds = {node.op_type for node in faster.graph.node}
    assert "Conv" in kinds
    assert not kinds & {"ConvInteger", "DynamicQuantizeLinear", "Pow"}
    feed = {
        "tokens": np.arange(1, 20, dtype=np.int64)[None],
        "style": np.random.default_rng(1).normal(0, 1, (1, 256)).astype(np.float32),
        "speed": np.ones(1, np.float32),
    }
    before, after = (
        ort.InferenceSession(m.SerializeToString(), providers=["CPUExecutionProvider"]).run(
            None, feed
        )[0]
        for m in (model, faster)
    )
    assert before.shape == after.shape
    assert np.sqrt(np.mean((before - after) ** 2)) < 0.05 * np.sqrt(np.mean(before**2))


def test_it_speaks_clause_by_clause(files: KokoroFiles) -> None:
    """Each sentence is a chunk of its own at 24 kHz, the same each time, None between."""
    voice = KokoroVoice(files, "es", threads=1, speed=1.0)
    chunks = list(voice.speak("Hola. Buenos días.", seed=1))
    assert [chunk is None for chunk in chunks] == [True, False, True, False]
    again = list(voice.speak("Hola. Buenos días.", seed=2))
    for one, other in zip(chunks, again, strict=True):
        assert (one is None and other is None) or np.array_equal(one, other)  # type: ignore[arg-type]
    assert voice.rate == 24_000


def test_the_style_depends_on_the_length(files: KokoroFiles) -> None:
    """The sound has a length for each token, the two at the ends included."""
    voice = KokoroVoice(files, "es", threads=1, speed=1.0)
    assert voice.wave("ola").size == 5 * SAMPLES_PER_TOKEN
    assert voice.wave("\U0001f600").size == 2 * SAMPLES_PER_TOKEN


def test_phonemes_are_in_its_own_spelling(files: KokoroFiles) -> None:
    """Affricates and English diphthongs are single symbols."""
    assert "ʧ" in KokoroVoice(files, "es", threads=1, speed=1.0).phonemes("noche")
    assert "A" in KokoroVoice(files, "en", threads=1, speed=1.0).phonemes("day")


def test_a_file_without_a_known_style_is_refused(files: KokoroFiles, tmp_path: Path) -> None:
    """Styles that were never found good are not taken by chance."""
    other = tmp_path / "other.npz"
    np.savez(other, zz_nobody=np.zeros((510, 1, 256), np.float32))
    strange = KokoroFiles(files.prepared, files.vocabulary, other)
    with pytest.raises(EngineFailed, match="none of the styles"):
        KokoroVoice(strange, "es", threads=1, speed=1.0)


def test_missing_files_are_named(files: KokoroFiles, tmp_path: Path) -> None:
    """Each absent file is a ModelMissing with its name."""
    absent = tmp_path / "absent.json"
    with pytest.raises(ModelMissing, match=r"absent\.json"):
        KokoroVoice(KokoroFiles(files.prepared, absent, files.styles), "es", threads=1, speed=1.0)
    with pytest.raises(ModelMissing, match=GRAPH_FILE):
        KokoroVoice(KokoroFiles(tmp_path, absent, files.styles), "es", threads=1, speed=1.0)


def test_preparing_says_what_is_wrong(
    sources: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is no graph ends the program with exit code 3 and one line."""
    sources[0].write_bytes(b"garbage" * 100)
    assert main([*map(str, sources), str(tmp_path)]) == 3
    assert capsys.readouterr().err.count("\n") == 1
