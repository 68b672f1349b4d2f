from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.log_mel import FLOOR
from models.onnx_session import value_of
from models.protocols import Float32Array
from models.whisper_export import Precisions, cross_memory, export_whisper
from models.whisper_files import GROUP, NEAR
from models.whisper_passes import WhisperPasses, with_tail
from models.whisper_reference import WhisperReference
from models.whisper_weights import WhisperWeights
from tests.models.small_whisper import (
    BANDS,
    LAYERS,
    POSITIONS,
    checkpoint,
    write_checkpoint,
    write_tokenizer,
)

TOKENS = [257, 258, 40, 41, 42]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small made-up checkpoint."""
    return write_checkpoint(tmp_path_factory.mktemp("weights") / "model.bin", checkpoint())


@pytest.fixture(scope="module")
def passes(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> WhisperPasses:
    """Return its export in float32."""
    folder = tmp_path_factory.mktemp("export")
    tokenizer = write_tokenizer(folder / "tokenizer.json")
    floats = Precisions(encoder="float", decoder="float")
    export_whisper(weights, tokenizer, folder, _unseen, floats)
    return WhisperPasses(folder, threads=1)


@pytest.fixture(scope="module")
def reference(weights: Path) -> WhisperReference:
    """Return the same checkpoint computed in NumPy."""
    return WhisperReference(WhisperWeights.read(weights))


def _unseen(done: int) -> None:
    del done


def _sound(positions: int) -> Float32Array:
    draw = np.random.default_rng(5)
    return draw.uniform(FLOOR, FLOOR + 2, (BANDS, 2 * positions)).astype(np.float32)


@pytest.mark.parametrize("positions", [1, 7, POSITIONS])
def test_encoder_equals_numpy(
    passes: WhisperPasses, reference: WhisperReference, positions: int
) -> None:
    """Without silence behind it, a sound of any length is encoded as by the plain formulas."""
    mel = _sound(positions)
    right = cross_memory(reference.encode(with_tail(mel, POSITIONS)), reference.shape)
    found = passes.listen(mel, silence_positions=0).memory
    assert found.keys() == right.keys()
    for name, array in right.items():
        np.testing.assert_allclose(found[name].numpy(), array, atol=1e-4)


def test_silence_heard_before_cached_silence_is_silence(passes: WhisperPasses) -> None:
    """Silence followed by its own cache gives the cache again, but where the convolution ends."""
    quiet = np.full((BANDS, 20), FLOOR, np.float32)
    heard = passes.listen(quiet, silence_positions=POSITIONS - 20).memory
    silence = passes._silence.between(0, POSITIONS)
    keys = heard["cross_keys_1"].numpy().transpose(2, 0, 1)
    keys = keys.reshape(len(keys), -1)
    near = 20 + NEAR
    cached = silence.inputs["silent_cross_keys_1"]
    np.testing.assert_allclose(keys[20:NEAR], cached[20:NEAR], atol=1e-6)
    np.testing.assert_allclose(keys[:15], cached[:15], atol=0.05)
    assert len(keys) < near + GROUP + (POSITIONS - near) // GROUP
    assert len(heard["sound_bias"].numpy()) == len(keys)


@pytest.mark.parametrize("first", [0, 3, 8])
def test_far_silence_counts_as_much_as_it_is_long(passes: WhisperPasses, first: int) -> None:
    """Near positions stand for themselves, groups of far ones for all of theirs."""
    silence = passes._silence.between(first, POSITIONS)
    assert np.exp(silence.bias).sum() == pytest.approx(POSITIONS - first, abs=1e-3)
    assert not silence.bias[:NEAR].any()
    assert {len(each) for each in silence.inputs.values()} == {len(silence.bias)}


def test_sound_is_cut_at_the_last_position(passes: WhisperPasses) -> None:
    """More sound than the model has positions is cut off, not refused."""
    heard = passes.listen(_sound(POSITIONS + 9), silence_positions=10).memory
    assert heard["cross_keys_0"].numpy().shape[2] == POSITIONS


def test_decoder_equals_numpy(passes: WhisperPasses, reference: WhisperReference) -> None:
    """All tokens at once give the logits of the plain formulas."""
    right = reference.encode(_sound(12))
    memory = cross_memory(right, reference.shape)
    reading = passes.begin({name: value_of(array) for name, array in memory.items()})
    logits = reading.read(TOKENS, wanted=len(TOKENS))
    np.testing.assert_allclose(logits, reference.logits(TOKENS, right), atol=1e-4)


def test_tokens_may_come_in_any_portions(passes: WhisperPasses) -> None:
    """One token at a time, or several, the logits are the same: a guess can be verified at once."""
    memory = passes.listen(_sound(12), silence_positions=10).memory
    whole = passes.begin(memory).read(TOKENS, wanted=3)
    single = passes.begin(memory)
    steps = [single.read([token])[0] for token in TOKENS][-3:]
    np.testing.assert_allclose(np.stack(steps), whole, atol=1e-5)
    assert single.length == len(TOKENS)


def test_tokens_can_be_forgotten(passes: WhisperPasses) -> None:
    """What was read behind them leaves no trace."""
    memory = passes.listen(_sound(12), silence_positions=10).memory
    whole = passes.begin(memory).read(TOKENS)
    reading = passes.begin(memory)
    reading.read([*TOKENS[:2], 50, 51, 52])
    reading.forget(3)
    np.testing.assert_allclose(reading.read(TOKENS[2:]), whole, atol=1e-5)


def test_cache_holds_all_layers(passes: WhisperPasses) -> None:
    """Keys and values of each layer of both halves are there for each position."""
    assert len(passes._silence.between(3, 9).inputs) == 4 * LAYERS
