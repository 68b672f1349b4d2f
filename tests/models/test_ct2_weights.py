from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.ct2_weights import read_weights
from models.errors import EngineFailed
from models.whisper_weights import WhisperWeights
from tests.models.small_whisper import LAYERS, VOCABULARY, WIDTH, checkpoint, write_checkpoint


def test_reads_each_array_and_alias(tmp_path: Path) -> None:
    """What was written under a name comes back under it; an alias gives its target's array."""
    arrays = checkpoint()
    file = read_weights(write_checkpoint(tmp_path / "model.bin", arrays))
    assert file.specification == "WhisperSpec"
    for name, array in arrays.items():
        np.testing.assert_array_equal(file.weights[name], array)
    np.testing.assert_array_equal(
        file.weights["decoder/projection/weight"], arrays["decoder/embeddings/weight"]
    )


def test_finds_the_sizes_of_a_whisper(tmp_path: Path) -> None:
    """Layers, width and vocabulary follow from the arrays."""
    shape = WhisperWeights.read(write_checkpoint(tmp_path / "model.bin", checkpoint())).shape
    assert (shape.encoder_layers, shape.decoder_layers) == (LAYERS, LAYERS)
    assert (shape.width, shape.vocabulary) == (WIDTH, VOCABULARY)


@pytest.mark.parametrize("kept", [0, 3, 40, 5_000, -20])
def test_refuses_a_file_cut_short(tmp_path: Path, kept: int) -> None:
    """A truncated download is one clear error, wherever the cut lies."""
    path = write_checkpoint(tmp_path / "model.bin", checkpoint())
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(EngineFailed, match=r"model\.bin"):
        read_weights(path)


def test_refuses_another_version(tmp_path: Path) -> None:
    """A file of a version whose layout is not known is not guessed at."""
    path = write_checkpoint(tmp_path / "model.bin", checkpoint(), version=7)
    with pytest.raises(EngineFailed, match="version 7"):
        read_weights(path)


def test_refuses_quantised_weights(tmp_path: Path) -> None:
    """An 8-bit conversion has lost what the export needs; the message says what to take."""
    arrays = checkpoint()
    arrays["encoder/conv1/weight"] = arrays["encoder/conv1/weight"].astype(np.int8)
    path = write_checkpoint(tmp_path / "model.bin", arrays)
    with pytest.raises(EngineFailed, match="float16"):
        WhisperWeights.read(path)


def test_refuses_another_kind_of_model(tmp_path: Path) -> None:
    """A Whisper with another activation would be exported wrong, so it is not."""
    arrays = checkpoint() | {"decoder/activation": np.array(0, np.int8)}
    with pytest.raises(EngineFailed, match="OpenAI"):
        WhisperWeights.read(write_checkpoint(tmp_path / "model.bin", arrays))
