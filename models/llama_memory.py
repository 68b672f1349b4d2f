"""A llama.cpp context in; what it has read saved and put back, whole or cut back to a mark."""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_SEQUENCE: Final = 0
_TO_THE_END: Final = -1


class LlamaMemory:
    """The memory of a context's only sequence.

    Attention can be cut back to any token. What a model like LFM2 keeps beside it (the last inputs
    of its short convolutions) cannot: a mark holds a copy of that alone, a fraction of the whole.
    A model that keeps nothing beside it needs no mark; llama.cpp would copy all of it, each time.
    functions: llama.cpp's; context: a C pointer, of a living context.
    """

    def __init__(self, functions: Any, context: Any) -> None:  # noqa: ANN401 - C pointers
        self._c = functions
        self._context = context
        self._memory = functions.llama_get_memory(context)
        self._part: int = functions.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
        model = functions.llama_get_model(context)
        self._is_attention_alone = not (
            functions.llama_model_is_recurrent(model)
            or functions.llama_model_is_hybrid(model)
            or functions.llama_model_n_swa(model)
        )

    def clear(self) -> None:
        """Forget everything."""
        self._c.llama_memory_clear(self._memory, 0)

    def whole(self) -> bytes | None:
        """Return all of it; None where llama.cpp cannot."""
        return self._saved(0)

    def put_back(self, whole: bytes) -> bool:
        """Make `whole` all that was read; return whether it is one of this model's."""
        self.clear()
        return self._loaded(whole, 0)

    def mark(self) -> bytes | None:
        """Return what `cut_back` needs to come back here; None where llama.cpp cannot."""
        return b"" if self._is_attention_alone else self._saved(self._part)

    def cut_back(self, mark: bytes, length: int) -> bool:
        """Forget all behind the first `length` tokens, where `mark` was taken; return success."""
        if mark and not self._loaded(mark, self._part):
            return False
        return bool(self._c.llama_memory_seq_rm(self._memory, _SEQUENCE, length, _TO_THE_END))

    def _saved(self, flags: int) -> bytes | None:
        size = int(self._c.llama_state_seq_get_size_ext(self._context, _SEQUENCE, flags))
        held = np.empty(size, np.uint8)
        written = self._c.llama_state_seq_get_data_ext(
            self._context, _bytes_at(held), size, _SEQUENCE, flags
        )
        return held.tobytes() if written == size else None

    def _loaded(self, data: bytes, flags: int) -> bool:
        held = np.frombuffer(data, np.uint8)
        taken = 0
        if held.size:
            taken = self._c.llama_state_seq_set_data_ext(
                self._context, _bytes_at(held), held.size, _SEQUENCE, flags
            )
        return bool(taken) and taken == held.size


def _bytes_at(data: NDArray[np.uint8]) -> Any:  # noqa: ANN401 - a C pointer
    return data.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
