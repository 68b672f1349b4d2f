"""A text and a vocabulary of scored pieces in, the ids of the likeliest pieces out.

The unigram segmentation of SentencePiece (Kudo, 2018, arXiv:1804.10959), for a vocabulary that
stays in a file: SentencePiece itself would hold 27 MB for the 128,000 pieces.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from models.protocols import Float32Array

UNKNOWN: Final = 0
HASHES, IDS, SCORES = "piece_hashes.npy", "piece_ids.npy", "piece_scores.npy"
LONGEST: Final = "longest_piece"

_SPACE: Final = "\u2581"
"""Stands for a space, as in SentencePiece."""
_MULTIPLIER: Final = 0x9E3779B97F4A7C15
"""Odd, and its bits look random: 2^64 over the golden ratio."""
_SHIFT: Final = 29
_INVISIBLE: Final = "\u00ad\u200b\u200e\u200f\ufeff"
_UNKNOWN_PENALTY: Final = 10.0
"""Below the worst piece, as in SentencePiece."""

_Hashes: TypeAlias = NDArray[np.uint64]


class Pieces(Struct, frozen=True):
    """A vocabulary: arrays of one length, sorted by hash, which may lie in mapped files."""

    hashes: _Hashes
    ids: NDArray[np.int32]
    scores: Float32Array
    longest: int
    """Characters of the longest piece."""

    def tokenize(self, text: str) -> list[int]:
        """Return the ids of the pieces of `text`; UNKNOWN for each run of unknown characters."""
        characters = _normalised(text)
        if not characters:
            return []
        found = self._found(characters)
        length = len(characters)
        best = [0.0] + [-np.inf] * length
        arrived: list[tuple[int, int]] = [(0, UNKNOWN)] * (length + 1)
        unknown_score = float(self.scores.min()) - _UNKNOWN_PENALTY
        for start, pieces in enumerate(found):
            for end, piece, score in (*pieces, (start + 1, UNKNOWN, unknown_score)):
                if best[start] + score > best[end]:
                    best[end], arrived[end] = best[start] + score, (start, piece)
        return _merged(_way_back(arrived))

    def _found(self, characters: str) -> list[list[tuple[int, int, float]]]:
        """Return, for each position, end, id and score of the pieces that begin there."""
        codes = np.array([ord(each) for each in characters], np.uint64)
        found: list[list[tuple[int, int, float]]] = [[] for _ in codes]
        hashes = np.zeros(len(codes), np.uint64)
        for size in range(1, min(self.longest, len(codes)) + 1):
            hashes = _extended(hashes[: len(codes) - size + 1], codes[size - 1 :])
            at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
            for start in np.flatnonzero(self.hashes[at] == hashes).tolist():
                row = at[start]
                found[start].append((start + size, int(self.ids[row]), float(self.scores[row])))
        return found


def piece_hash(piece: str) -> int:
    """Return the hash under which a piece is found, 64 bits."""
    value = 0
    for character in piece:
        value = ((value ^ value >> _SHIFT) * _MULTIPLIER + ord(character) + 1) % (1 << 64)
    return value


def open_pieces(folder: Path) -> Pieces:
    """Return the vocabulary that `models.sentence_encoder_prepare` wrote, mapped, not read."""
    hashes, ids, scores = (np.load(folder / name, mmap_mode="r") for name in (HASHES, IDS, SCORES))
    return Pieces(hashes, ids, scores, int((folder / LONGEST).read_text()))


def _extended(hashes: _Hashes, codes: _Hashes) -> _Hashes:
    """Return the hashes of texts that are one character longer, as `piece_hash` does."""
    mixed = (hashes ^ hashes >> np.uint64(_SHIFT)) * np.uint64(_MULTIPLIER)
    return mixed + codes + np.uint64(1)


def _normalised(text: str) -> str:
    """Return the text as SentencePiece's nmt_nfkc leaves it, for what people write."""
    plain = "".join(
        " " if unicodedata.category(each) in ("Zs", "Zl", "Zp", "Cc") else each
        for each in unicodedata.normalize("NFKC", text)
        if each not in _INVISIBLE
    )
    words = plain.split()
    return _SPACE + _SPACE.join(words) if words else ""


def _way_back(arrived: list[tuple[int, int]]) -> list[int]:
    ids: list[int] = []
    at = len(arrived) - 1
    while at > 0:
        at, piece = arrived[at]
        ids.append(piece)
    return ids[::-1]


def _merged(ids: list[int]) -> list[int]:
    pairs = zip(ids, [-1, *ids], strict=False)
    return [each for each, before in pairs if not each == before == UNKNOWN]
