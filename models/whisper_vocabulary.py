"""A tokenizer.json in, what a Whisper decoder needs of it out: small, and fast to load.

The whole tokenizer costs a process some 25 MB and 100 ms; decoding needs the bytes of each token.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from models.errors import EngineFailed

MULTILINGUAL: Final = 51_865
"""Tokens of the smallest multilingual model; English-only ones have one less."""

_LANGUAGE: Final = re.compile(r"<\|([a-z]{2,3})\|>")
_SYMBOLS: Final = frozenset("\"#()*+/:;<=>@[\\]^_`{|}~-'\u300c\u300d\u300e\u300f")
_NOTES: Final = frozenset("\u2669\u266a\u266b\u266c\u266d\u266e\u266f")
_NOTE_BYTES: Final = b"\xe2\x99"
"""Tokens of nothing but symbols and notes stand for sounds that are not speech, such as (laughs).
The set is that of Whisper's reference implementation, widened to all runs of these."""
_WITHIN_WORDS: Final = ("-", "'")
"""These alone are part of words; after a space they begin the line of a subtitle."""


class Vocabulary(Struct, frozen=True, kw_only=True):
    """The tokens of one Whisper model."""

    pieces: bytes
    """The UTF-8 of all ordinary tokens, one after the other."""
    ends: bytes
    """Where each token ends in `pieces`, uint32, little-endian."""
    start: int
    end: int
    transcribe: int
    no_speech: int
    no_timestamps: int
    languages: dict[str, int]
    """ISO 639-1 code to token; empty for an English-only model."""
    unwanted: tuple[int, ...]
    """Tokens that are never written: symbols, special tokens, timestamps."""
    blank: tuple[int, ...]
    """Tokens that no text begins with: a space, the end."""

    def text(self, tokens: list[int]) -> str:
        """Return the text of ordinary tokens; broken UTF-8 becomes U+FFFD."""
        ends = np.frombuffer(self.ends, "<u4")
        starts = [0 if token == 0 else int(ends[token - 1]) for token in tokens]
        parts = [
            self.pieces[start : int(ends[token])]
            for start, token in zip(starts, tokens, strict=True)
            if token < len(ends)
        ]
        return b"".join(parts).decode(errors="replace").strip()

    def prompt(self, language: str) -> list[int]:
        """Return the tokens that follow the start: language, task, no timestamps."""
        if not self.languages:
            return [self.no_timestamps]
        return [self.languages[language], self.transcribe, self.no_timestamps]


def read_vocabulary(path: Path, size: int) -> Vocabulary:
    """Build the vocabulary of a model with `size` tokens from its tokenizer.json.

    Raises EngineFailed when the file is not that of a Whisper model.
    """
    try:
        content = msgspec.json.decode(path.read_bytes())
        special = {each["content"]: int(each["id"]) for each in content["added_tokens"]}
        ordinary = {int(index): piece for piece, index in content["model"]["vocab"].items()}
        return _vocabulary(ordinary, special, size)
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise EngineFailed(f"{path}: not the tokenizer of a Whisper model ({error!r})") from error


def _vocabulary(ordinary: dict[int, str], special: dict[str, int], size: int) -> Vocabulary:
    end = special["<|endoftext|>"]
    letters = _letters()
    pieces = [bytes(letters[letter] for letter in ordinary[index]) for index in range(end)]
    ends: NDArray[Any] = np.cumsum([len(piece) for piece in pieces]).astype("<u4")
    languages = {
        found[1]: index for name, index in special.items() if (found := _LANGUAGE.fullmatch(name))
    }
    silent = special.get("<|nospeech|>", special.get("<|nocaptions|>"))
    if silent is None:
        raise ValueError("no token for silence")
    symbols = [index for index, piece in enumerate(pieces) if _is_symbol(piece)]
    return Vocabulary(
        pieces=b"".join(pieces),
        ends=ends.tobytes(),
        start=special["<|startoftranscript|>"],
        end=end,
        transcribe=special["<|transcribe|>"],
        no_speech=silent,
        no_timestamps=special["<|notimestamps|>"],
        languages=languages if size >= MULTILINGUAL else {},
        unwanted=(*symbols, *range(end + 1, size)),
        blank=(pieces.index(b" "), end),
    )


def _is_symbol(piece: bytes) -> bool:
    if piece.strip() == _NOTE_BYTES:
        return True
    text = piece.decode(errors="ignore")
    if text in _WITHIN_WORDS or not text.strip():
        return False
    return set(text.strip()) <= _SYMBOLS | _NOTES


def _letters() -> dict[str, int]:
    """Return the byte behind each letter of a byte-level tokenizer's pieces.

    Printable Latin-1 bytes stand for themselves, the others for the letters from U+0100 on, in
    order (Radford et al., GPT-2).
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {
        chr(0x100 + place): byte for place, byte in enumerate(others)
    }
