"""A folder in; a translation model of NLLB's kind with random weights in it out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ctranslate2  # type: ignore[import-untyped]
import numpy as np
from ctranslate2.specs import TransformerSpec  # type: ignore[import-untyped]
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

_WORDS = ["▁bonjour", "▁le", "▁monde", "▁hola", "▁mundo", "▁buenos", "▁días", "."]
_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
_LANGUAGES = ["fra_Latn", "spa_Latn", "eng_Latn"]
_WIDTH, _INNER, _POSITIONS = 16, 32, 512


def write_tiny_translation(folder: Path) -> Path:
    """Write an encoder and a decoder of one layer each, and a tokenizer of a dozen words."""
    vocabulary = [*_SPECIAL, *_WORDS, *_LANGUAGES]
    draw = np.random.default_rng(3)
    spec = TransformerSpec.from_config(num_layers=1, num_heads=2, pre_norm=True)
    spec.config.decoder_start_token = "</s>"  # noqa: S105 - of a sentence
    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        embeddings.weight = _drawn(draw, len(vocabulary), _WIDTH)
        side.position_encodings.encodings = _drawn(draw, _POSITIONS, _WIDTH)
        _norm(side.layer_norm)
        for layer in side.layer:
            _fill(draw, layer)
    _linear(draw, spec.decoder.projection, len(vocabulary), _WIDTH)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    _write_tokenizer(folder / "tokenizer.json", vocabulary)
    assert ctranslate2.contains_model(str(folder))
    return folder


def _fill(draw: np.random.Generator, layer: Any) -> None:  # noqa: ANN401 - not typed
    """Give a layer weights, whatever attention it has."""
    for name in ("self_attention", "attention"):
        attention = getattr(layer, name, None)
        if attention is None:
            continue
        _norm(attention.layer_norm)
        wide = [3, 1] if name == "self_attention" else [1, 2, 1]
        for linear, times in zip(attention.linear, wide, strict=True):
            _linear(draw, linear, times * _WIDTH, _WIDTH)
    _norm(layer.ffn.layer_norm)
    _linear(draw, layer.ffn.linear_0, _INNER, _WIDTH)
    _linear(draw, layer.ffn.linear_1, _WIDTH, _INNER)


def _linear(  # a matrix and its bias
    draw: np.random.Generator,
    linear: Any,  # noqa: ANN401 - not typed
    outputs: int,
    inputs: int,
) -> None:
    linear.weight = _drawn(draw, outputs, inputs)
    linear.bias = np.zeros(outputs, np.float32)


def _norm(norm: Any) -> None:  # noqa: ANN401 - not typed
    norm.gamma, norm.beta = np.ones(_WIDTH, np.float32), np.zeros(_WIDTH, np.float32)


def _drawn(draw: np.random.Generator, rows: int, columns: int) -> np.ndarray[Any, Any]:
    return draw.standard_normal((rows, columns)).astype(np.float32)


def _write_tokenizer(path: Path, vocabulary: list[str]) -> None:
    tokenizer = Tokenizer(
        models.WordLevel({word: at for at, word in enumerate(vocabulary)}, unk_token="<unk>")  # noqa: S106
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens([*_SPECIAL, *_LANGUAGES])
    tokenizer.save(str(path))
