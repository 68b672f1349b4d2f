"""llama.cpp's shared library in; its C functions out, with waiting, cores and log lines settled."""

from __future__ import annotations

import ctypes
import importlib
import os
from functools import cache
from types import ModuleType
from typing import Any, Final

from config.logs import log

_SPINS: Final = "1000"
"""Rounds that an OpenMP thread spins at a barrier before it sleeps (`GOMP_SPINCOUNT`).

llama.cpp passes several hundred barriers a token. The library's own 300,000 rounds last longer
than a scheduler's slice: as soon as another process pushes both threads onto one core, each waits
out its slice at every barrier. LFM2-1.2B's shape, 2 threads on 2 cores without VNNI, tokens a
second by rounds (300,000 / 1,000 / 0): alone 29 / 29 / 19; both threads on one core 0.7 / 13 / 16.

For the same reason the threads are not kept to a core each: one that shares its core with another
process holds the other one up at every barrier, where the scheduler would move it. Beside a
process that takes half a core, on a busy machine, 10 tokens in turn each way: 318 ms a token kept
to cores, 245 let go (both 155 without that process).
"""

_ERROR_LEVEL: Final = 4
_LEVELS: Final = {1: "debug", 2: "info", 3: "warning", _ERROR_LEVEL: "error"}


class Journal:
    """llama.cpp's own log lines: all go to the debug log, the last error is kept."""

    def __init__(self) -> None:
        self._error = ""

    def last_error(self) -> str:
        """Return the last line of level error: a failed call itself says only that it failed."""
        return self._error or "no reason given"

    def take(self, level: int, text: bytes | None, _user: object) -> None:
        """Take one line, as the C library hands it over."""
        line = (text or b"").decode("utf-8", "replace").strip()
        if level == _ERROR_LEVEL:
            self._error = line
        if line.strip("."):  # progress is printed as single dots
            log.debug("llama.cpp", line=line, level=_LEVELS.get(level, "debug"))


journal: Final = Journal()


@cache
def llama() -> Any:  # noqa: ANN401 - bindings made of ctypes at run time
    """Return llama_cpp's C functions. The first call loads the library.

    OpenMP reads its environment when it is loaded, hence not an import at the top.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
    binding: ModuleType = importlib.import_module("llama_cpp.llama_cpp")
    functions: Any = binding
    _keep_for_ever(functions.llama_log_callback(journal.take), functions)
    functions.llama_backend_init()
    return functions


_callbacks: Final[list[object]] = []


def _keep_for_ever(callback: object, functions: Any) -> None:  # noqa: ANN401
    """Hand `callback` to the C library, which calls it as long as the process lives."""
    _callbacks.append(callback)
    functions.llama_log_set(callback, ctypes.c_void_p(0))
