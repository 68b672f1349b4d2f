from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import whisper_encoder_graph, whisper_export
from models.derived import build_once
from models.errors import EngineFailed, ModelMissing
from models.whisper_export import export_whisper, main, voice_like
from models.whisper_files import DESCRIPTION, read_description
from models.whisper_passes import WhisperPasses
from models.whisper_weights import WhisperWeights
from tests.models.small_whisper import (
    BANDS,
    VOCABULARY,
    checkpoint,
    write_checkpoint,
    write_tokenizer,
)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Return a small made-up checkpoint."""
    return write_checkpoint(tmp_path / "model.bin", checkpoint())


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    """Return its tokenizer."""
    return write_tokenizer(tmp_path / "tokenizer.json")


def test_exports_in_8_bits_and_says_how_exact(weights: Path, tokenizer: Path) -> None:
    """The shipped precision is checked against the original, and its errors are kept."""
    folder = weights.parent / "export"
    folder.mkdir()
    assert main([str(weights), str(tokenizer), str(folder)]) == 0
    description = read_description(folder)
    assert 0 < description.states_error < 0.1
    assert 0 < description.logits_error < 0.1
    logits = WhisperPasses(folder, threads=1)
    memory = logits.listen(np.zeros((BANDS, 30), np.float32), silence_positions=20).memory
    assert logits.begin(memory).read([257]).shape == (1, VOCABULARY)


def test_a_wrong_graph_is_not_kept(
    weights: Path, tokenizer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export that differs from the original is refused, and nothing is left of it."""
    monkeypatch.setattr(whisper_export, "encoder_graph", _graph_of_other_weights(weights.parent))
    folder = weights.parent / "derived" / "export"
    with pytest.raises(EngineFailed, match="differ from the original"):
        build_once(folder, lambda new: export_whisper(weights, tokenizer, new, _unseen))
    assert not folder.exists()


def _unseen(done: int) -> None:
    del done


def _graph_of_other_weights(folder: Path) -> object:
    other = write_checkpoint(folder / "other.bin", checkpoint(seed=1))
    weights = WhisperWeights.read(other)
    return lambda _, precision: whisper_encoder_graph.encoder_graph(weights, precision)


def test_damaged_files_are_one_line(
    weights: Path, tokenizer: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As a program it ends with code 3 and one line on stderr that names the file."""
    tokenizer.write_text("{}")
    assert main([str(weights), str(tokenizer), str(weights.parent)]) == 3
    weights.write_bytes(b"no model")
    assert main([str(weights), str(tokenizer), str(weights.parent)]) == 3
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "tokenizer.json" in lines[0]
    assert "model.bin" in lines[1]


def test_a_folder_without_an_export_is_missing(tmp_path: Path) -> None:
    """An absent description is a missing model; a broken one is a damaged one."""
    with pytest.raises(ModelMissing):
        read_description(tmp_path)
    (tmp_path / DESCRIPTION).write_bytes(b"\xc1")
    with pytest.raises(EngineFailed, match="damaged"):
        read_description(tmp_path)


def test_the_check_hears_the_same_sound_each_time() -> None:
    """The made-up voice is loud enough to be one, and always the same."""
    sound = voice_like(1.0)
    assert sound.dtype == np.float32
    assert 0.05 < np.abs(sound).max() < 1.0
    np.testing.assert_array_equal(sound, voice_like(1.0))
