"""A loaded model's vocabulary: text in, tokens out, and back in bytes."""

from __future__ import annotations

import ctypes
from typing import Any, Final

from models.errors import EngineFailed

_NO_TOKEN: Final = -1
_PIECE_BYTES: Final = 256
"""Room for one token; longer ones are asked for again."""


class Vocabulary:
    """Tokens of one model. functions: llama.cpp's; vocabulary: its C pointer, of a living model."""

    def __init__(self, functions: Any, vocabulary: Any) -> None:  # noqa: ANN401 - C pointers
        self._c = functions
        self._vocabulary = vocabulary
        self.size = int(functions.llama_vocab_n_tokens(vocabulary))
        self.bos_text = self._special_text(functions.llama_vocab_bos(vocabulary))
        """Text of the first token of a sequence; "" where the model has none."""
        self.eos_text = self._special_text(functions.llama_vocab_eos(vocabulary))
        self.first_text = self.bos_text if functions.llama_vocab_get_add_bos(vocabulary) else ""
        """What every sequence must begin with."""
        self.end_token = int(functions.llama_vocab_eos(vocabulary))
        """Ends an answer."""
        self.end_tokens = frozenset({self.end_token, int(functions.llama_vocab_eot(vocabulary))})
        """The usual ends; `ends` knows rarer ones too."""
        bos = functions.llama_vocab_bos(vocabulary)
        self.any_token = int(bos) if bos != _NO_TOKEN else 0

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of `text`, special tokens parsed, none added."""
        raw = text.encode()
        room = len(raw) + 8
        held = (self._c.llama_token * room)()
        count = self._c.llama_tokenize(self._vocabulary, raw, len(raw), held, room, 0, 1)
        if count < 0:
            raise EngineFailed(f"a text of {len(raw)} bytes could not be made into tokens")
        return list(held[:count])

    def piece(self, token: int) -> bytes:
        """Return the bytes of `token`; nothing for a control token."""
        return self._bytes(token, special=False)

    def ends(self, token: int) -> bool:
        """Return whether `token` ends an answer."""
        return bool(self._c.llama_vocab_is_eog(self._vocabulary, token))

    def _special_text(self, token: int) -> str:
        return "" if token == _NO_TOKEN else self._bytes(token, special=True).decode()

    def _bytes(self, token: int, *, special: bool, room: int = _PIECE_BYTES) -> bytes:
        held = ctypes.create_string_buffer(room)
        count = self._c.llama_token_to_piece(self._vocabulary, token, held, room, 0, special)
        if count < 0:
            return self._bytes(token, special=special, room=-count)
        return held.raw[:count]
