"""Model files of the language model tests: a real small one, and one of LFM2's kind."""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchmarks.lfm2_shape import Shape, write_float
from config.load import load_settings
from config.stage_settings import Thinker
from models.protocols import Sampling

TINY_LFM2 = Shape(
    vocabulary=49_152,
    width=128,
    feed_forward=256,
    blocks=4,
    heads=4,
    key_value_heads=2,
    attention_blocks=frozenset({1, 3}),
)


def write_tiny_lfm2(folder: Path, tokenizer: Path) -> Path:
    """Write a model of LFM2's kind with random weights: attention and short convolutions."""
    path = folder / "tiny-lfm2.gguf"
    write_float(path, tokenizer, TINY_LFM2)
    return path


def thinker(**changes: object) -> Thinker:
    """Return the thinker's settings for tests."""
    small: dict[str, object] = {"context_tokens": 512, "batch_tokens": 32}
    return msgspec.structs.replace(load_settings("tiny").thinker, **(small | changes))


def sampling(*, temperature: float = 0.8, seed: int = 7, most_tokens: int = 24) -> Sampling:
    """Return how tests draw: warm enough that two seeds differ."""
    return Sampling(
        temperature=temperature,
        top_p=0.95,
        min_p=0.05,
        repeat_penalty=1.05,
        seed=seed,
        most_tokens=most_tokens,
    )
