from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sentencepiece import SentencePieceProcessor

from config.settings import Settings
from models.errors import EngineFailed
from models.protocols import Float32Array
from models.sentence_encoder import (
    SentenceEncoder,
    open_sentence_encoder,
    prepare_sentence_encoder,
)
from models.sentence_encoder_prepare import main
from models.store import ModelStore
from models.unigram_tokens import open_pieces

MODEL = "use-multilingual-v3"
PAIRS = (
    ("¿Dónde están las llaves del coche?", "Where are the car keys?"),
    ("La abuela toma la pastilla a las ocho.", "Grandma takes her pill at eight."),
    ("El técnico de la caldera viene el martes.", "The boiler repairman comes on Tuesday."),
    ("Sube la música en el salón.", "Turn up the music in the living room."),
    ("¿Qué tiempo hará mañana?", "What will the weather be like tomorrow?"),
)


@pytest.fixture(scope="module")
def encoder(settings: Settings, store: ModelStore) -> SentenceEncoder:
    """Return the encoder as the daemon loads it."""
    opened = open_sentence_encoder(settings, store)
    assert opened is not None
    return opened


@pytest.fixture(scope="module")
def weights(store: ModelStore) -> dict[str, Float32Array]:
    """Return what the catalogue's file holds."""
    with np.load(store.files(MODEL)["weights"]) as archive:
        return {name: archive[name] for name in archive.files}


def _reference(ids: list[int], weights: dict[str, Float32Array]) -> Float32Array:
    """Return the latent by plain sums over one position after the other, in double precision."""
    eps = float(weights["eps"])

    def norm(x: Float32Array, scale: Float32Array, shift: Float32Array) -> Float32Array:
        rows = [(row - row.mean()) / np.sqrt(row.var() + eps) * scale + shift for row in x]
        return np.stack(rows)

    def layer(x: Float32Array, size: int, number: int) -> Float32Array:
        kernel = weights[f"w{number}_{size}"].astype(np.float64).reshape(size, 256, 256)
        out = np.zeros_like(x)
        for at in range(len(x)):
            for tap in range(size):
                seen = at + tap - size // 2 + (size == 2)
                out[at] += x[seen] @ kernel[tap] if 0 <= seen < len(x) else 0.0
        result: Float32Array = x + np.maximum(out + weights[f"b{number}_{size}"], 0.0)
        return result

    block = [(piece % 17, piece // 17) for piece in ids]
    pieces = np.stack(
        [
            weights[f"q{at + 1}"][row] * np.float64(weights["scale"][at]) + weights["lo"][at]
            for at, row in block
        ]
    )
    sizes = (2, 3, 5)
    joint = np.hstack([pieces @ weights[f"proj{n}"] + weights[f"proj_b{n}"] for n in sizes])
    scales, shifts = (np.hstack([weights[f"{w}{n}"] for n in sizes]) for w in ("ln_g", "ln_b"))
    parts = np.split(norm(joint, scales, shifts), 3, axis=1)
    branches = [layer(layer(part, n, 1), n, 2) for part, n in zip(parts, sizes, strict=True)]
    features = norm(np.hstack([pieces, *branches]), weights["ln_g"], weights["ln_b"])
    mean = (features @ weights["cnn_W"] + weights["cnn_b"]).sum(axis=0) / np.sqrt(len(ids))
    first = np.maximum(mean @ weights["d0"], 0)
    second = np.maximum(mean @ weights["p1"] + first @ weights["d1"], 0)
    last = np.tanh(second @ weights["p3"] + np.maximum(second @ weights["d2"], 0) @ weights["d3"])
    latent: Float32Array = last / np.linalg.norm(last)
    return latent


def test_the_graph_computes_the_published_network(
    encoder: SentenceEncoder, store: ModelStore, weights: dict[str, Float32Array]
) -> None:
    """Tokens by SentencePiece and sums by hand give the same latent to five digits."""
    processor = SentencePieceProcessor(model_file=str(store.files(MODEL)["tokenizer"]))
    for text in ("Sí.", PAIRS[1][0], PAIRS[2][1] + " It is about the hot water, he says."):
        ids = [1, *processor.encode(text), 2]
        np.testing.assert_allclose(encoder.embed(text), _reference(ids, weights), atol=1e-5)


def test_texts_are_cut_as_sentencepiece_cuts_them(store: ModelStore) -> None:
    """To the piece, on sentences of both languages and on what nobody says."""
    processor = SentencePieceProcessor(model_file=str(store.files(MODEL)["tokenizer"]))
    pieces = open_pieces(prepare_sentence_encoder(MODEL, store))
    folder = Path(__file__).parents[2] / "benchmarks"
    texts = [
        line
        for name in ("sentences_es.txt", "sentences_en.txt")
        for line in (folder / name).read_text(encoding="utf-8").splitlines()
    ]
    texts += [
        "",
        "  ",
        "😀😀 x",
        "a\tb\u00a0c\nd",
        "½ ﬁ … “hola” 你好",
        "Wi-Fi: hunter2—ok?",
        "№ 5ºC",
    ]
    for text in texts:
        assert pieces.tokenize(text) == processor.encode(text), text


def test_the_same_sentence_in_the_other_language_is_the_nearest(encoder: SentenceEncoder) -> None:
    """Of five, each Spanish sentence finds its English one, and the other way round."""
    spanish, english = (
        np.stack([encoder.embed(text) for text in side]) for side in zip(*PAIRS, strict=True)
    )
    nearness = spanish @ english.T
    assert nearness.argmax(axis=0).tolist() == nearness.argmax(axis=1).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("text", ["", "?", "\ud83d\ude00", "palabra " * 3_000])
def test_any_text_has_a_latent_of_length_one(encoder: SentenceEncoder, text: str) -> None:
    """Nothing, signs alone, and far more than anybody says."""
    latent = encoder.embed(text)
    assert latent.shape == (512,)
    assert latent.dtype == np.float32
    assert abs(float(np.linalg.norm(latent)) - 1.0) < 1e-4


def test_other_files_are_refused(store: ModelStore, tmp_path: Path) -> None:
    """A model of another kind, and weights that are none, end with one line."""
    with pytest.raises(EngineFailed, match="no sentence encoder"):
        prepare_sentence_encoder("silero-vad", store)
    broken = tmp_path / "weights.npz"
    broken.write_bytes(b"PK nonsense")
    tokenizer = store.files(MODEL)["tokenizer"]
    assert main([str(broken), str(tokenizer), str(tmp_path)]) == 3
