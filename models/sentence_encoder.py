"""A sentence in, its latent z out: sentences that mean the same lie close, in whatever language."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from models.apart import prepare_apart
from models.derived import build_once
from models.errors import EngineFailed
from models.onnx_session import Graph
from models.store import ModelStore, open_store
from models.unigram_tokens import UNKNOWN, open_pieces

if TYPE_CHECKING:
    from config.settings import Settings
    from models.protocols import Float32Array

DIMENSIONS: Final = 512
GRAPH, TABLE, RANGES = "sentence.onnx", "pieces.u8", "ranges.npy"

_BEGIN, _END = 1, 2
_MOST_PIECES: Final = 512
"""What is longer is cut: a passage has at most 200."""
_ROLES: Final = ("weights", "tokenizer")
_EXPORT: Final = "mapped-v2"


class SentenceEncoder:
    """Universal Sentence Encoder multilingual v3 (convolutional): 16 languages, 512 dimensions.

    Its table of 128,000 pieces, 65 MB, stays in its file, from which the rows of a sentence are
    read: mapped, each would bring 64 kB of neighbours with it.
    folder: as `prepare_sentence_encoder` returns it.
    Raises ModelMissing where there is no graph.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        """Catalogue id: vectors of different models cannot be compared."""
        self.dimensions = DIMENSIONS
        self._graph = Graph(folder / GRAPH, threads=1, packed=False)
        self._pieces = open_pieces(folder)
        self._table = os.open(folder / TABLE, os.O_RDONLY)
        weakref.finalize(self, os.close, self._table)
        self._ranges = np.load(folder / RANGES)

    def embed(self, text: str) -> Float32Array:
        """Return the latent of `text`: shape (512,), float32, of length 1.

        A text without words has one, too; it lies close to nothing. Same text, same bytes.
        Raises EngineFailed when the runtime rejects the input.
        """
        pieces = self._pieces.tokenize(text)[:_MOST_PIECES] or [UNKNOWN]
        ids = np.array([_BEGIN, *pieces, _END])
        low, scale = self._ranges[ids % len(self._ranges)].T
        rows = self._rows(ids) * scale[:, None] + low[:, None]
        (latent,) = self._graph.run({"pieces": rows})
        result: Float32Array = latent[0]
        return result

    def _rows(self, ids: NDArray[np.int64]) -> Float32Array:
        places = (DIMENSIONS * int(each) for each in ids)
        data = b"".join(os.pread(self._table, DIMENSIONS, place) for place in places)
        return np.frombuffer(data, np.uint8).reshape(-1, DIMENSIONS).astype(np.float32)


def open_sentence_encoder(
    settings: Settings, store: ModelStore | None = None
) -> SentenceEncoder | None:
    """Return the encoder of `[memory]`, loaded; None where none is wanted.

    What has to be made of its files first is made, once.
    Raises ModelMissing, ModelDamaged, EngineFailed, UnknownModel.
    """
    name = settings.memory.embedding
    if not name:
        return None
    encoder = SentenceEncoder(prepare_sentence_encoder(name, store or open_store()), name)
    encoder.embed("Hola.")  # the first pass is slow
    return encoder


def prepare_sentence_encoder(reference: str, store: ModelStore) -> Path:
    """Return the folder of the graph and its tables, which are written first if they are not there.

    Raises ModelMissing, ModelDamaged, EngineFailed, UnknownModel.
    """
    files = store.resolve(reference)
    if set(_ROLES) != set(files):
        raise EngineFailed(
            f"model {reference} is no sentence encoder; name another under [memory] embedding"
        )

    def build(folder: Path) -> None:
        sources = [files[role] for role in _ROLES]
        prepare_apart("models.sentence_encoder_prepare", *sources, folder)

    return build_once(store.derived(reference, _EXPORT), build)
