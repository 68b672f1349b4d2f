"""A model file in; its byte-pair tokenizer, cut or padded to another size, out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import gguf
from msgspec import Struct

CONTROL: Final = int(gguf.TokenType.CONTROL)
UNUSED: Final = int(gguf.TokenType.UNUSED)


class Tokenizer(Struct, frozen=True):
    """A byte-pair vocabulary, cut or padded to a number of entries."""

    kind: str
    tokens: list[str]
    types: list[int]
    merges: list[str]


def read_tokenizer(source: Path, entries: int) -> Tokenizer:
    """Return the tokenizer of the GGUF `source`, fitted to so many entries.

    A byte-pair vocabulary is ordered by merge, so that a larger one is cut by dropping its last
    merges; control tokens are kept, behind the cut where necessary.
    """
    reader = gguf.GGUFReader(source)

    def contents(key: str) -> list[str]:
        field = reader.get_field(key)
        if field is None:
            raise ValueError(f"{source}: no {key}: take a GGUF with a byte-pair tokenizer")
        found = field.contents()
        return found if isinstance(found, list) else [found]

    types = [int(kind) for kind in contents("tokenizer.ggml.token_type")]
    named = list(zip(contents("tokenizer.ggml.tokens"), types, strict=True))
    control = [entry for entry in named[entries:] if entry[1] == CONTROL]
    kept = named if len(named) <= entries else named[: entries - len(control)] + control
    kept += [(f"<unused{index}>", UNUSED) for index in range(len(kept), entries)]
    known = {token for token, _ in kept}
    merges = [pair for pair in contents("tokenizer.ggml.merges") if pair.replace(" ", "") in known]
    return Tokenizer(
        kind=contents("tokenizer.ggml.pre")[0],
        tokens=[token for token, _ in kept],
        types=[kind for _, kind in kept],
        merges=merges,
    )
