from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort  # type: ignore[import-untyped]
import pytest
from numpy.typing import NDArray

from models.errors import EngineFailed
from models.piper_files import DURATION_NOISE, FRAME_NOISE
from models.piper_split import SplitVoice, seeded_voice, split_voice
from models.store import ModelStore
from tests.models.tiny_voices import HOP, write_tiny_piper

Tensors = dict[str, NDArray[Any]]


def _run(model: onnx.ModelProto, feed: Tensors) -> Tensors:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    wanted = {item.name: feed[item.name] for item in session.get_inputs()}
    outputs = [item.name for item in session.get_outputs()]
    return dict(zip(outputs, session.run(outputs, wanted), strict=True))


def _feed(symbols: int) -> Tensors:
    noise = np.random.default_rng(3)
    return {
        "input": noise.integers(3, 14, (1, symbols)),
        "input_lengths": np.array([symbols], np.int64),
        "scales": np.array([0.6, 1.0, 0.8], np.float32),
        "sid": np.array([1], np.int64),
        DURATION_NOISE: noise.standard_normal((1, 2, symbols), np.float32),
    }


def _in_parts(split: SplitVoice, feed: Tensors) -> tuple[Tensors, NDArray[Any]]:
    """Return the feed with the noise of the frames, and the sound of the three graphs."""
    prior = _run(split.prior, feed)
    shape = prior[split.prior.graph.output[0].name].shape
    noise = np.random.default_rng(5).standard_normal(shape, np.float32)
    shaped = _run(split.shaper, {**prior, FRAME_NOISE: noise})
    return {**feed, FRAME_NOISE: noise}, _run(split.vocoder, {**prior, **shaped})["output"]


@pytest.mark.parametrize("speakers", [1, 3])
def test_three_graphs_make_the_sound_of_one(tmp_path: Path, speakers: int) -> None:
    """Prior, shaper and vocoder one after the other equal the whole, whoever speaks."""
    voice = write_tiny_piper(tmp_path, speakers=speakers)
    feed, sound = _in_parts(split_voice(voice), _feed(12))
    whole = _run(seeded_voice(voice), feed)["output"]
    assert sound.shape == whole.shape
    assert np.abs(sound - whole).max() < 1e-6


def test_a_real_voice_is_split(store: ModelStore) -> None:
    """The same holds for Piper's joe."""
    voice = store.files("piper-joe")["voice"]
    split = split_voice(voice)
    feed, sound = _in_parts(split, _feed(40))
    whole = _run(seeded_voice(voice), feed)["output"]
    assert np.abs(sound - whole).max() < 1e-5
    assert split.hop_samples == 256
    assert split.shaper_reach == 32


def test_speakers_differ(tmp_path: Path) -> None:
    """The number of the speaker reaches the decoder."""
    split = split_voice(write_tiny_piper(tmp_path, speakers=3))
    _, first = _in_parts(split, _feed(12))
    _, second = _in_parts(split, {**_feed(12), "sid": np.array([2], np.int64)})
    assert np.abs(first - second).max() > 1e-3


def test_noise_comes_from_outside(tmp_path: Path) -> None:
    """No graph draws noise of its own, and the frames and their hop are known."""
    split = split_voice(write_tiny_piper(tmp_path))
    for part in (split.prior, split.shaper, split.vocoder):
        assert not [node for node in part.graph.node if node.op_type.startswith("Random")]
    assert {item.name for item in split.vocoder.graph.input} == {"/Mul_7_output_0"}
    assert split.hop_samples == HOP
    assert split.shaper_reach == 2


def test_without_noise_the_split_equals_the_file_itself(tmp_path: Path) -> None:
    """With all scales of noise at 0 the sound is that of the untouched voice."""
    voice = write_tiny_piper(tmp_path)
    feed = {**_feed(9), "scales": np.array([0, 1, 0], np.float32)}
    _, sound = _in_parts(split_voice(voice), feed)
    original = _run(onnx.load(str(voice)), feed)["output"]
    assert np.abs(sound - original).max() < 1e-6


def test_other_graphs_are_refused(tmp_path: Path, store: ModelStore) -> None:
    """A graph that is no Piper voice, and a file that is no graph, are named."""
    with pytest.raises(EngineFailed, match=r"silero_vad\.onnx.*not a Piper voice"):
        split_voice(store.files("silero-vad")["model"])
    garbage = tmp_path / "garbage.onnx"
    garbage.write_bytes(b"not a graph" * 10)
    with pytest.raises(EngineFailed, match=r"garbage\.onnx"):
        split_voice(garbage)
