"""States of a language model that outlive the process: tokens in, the state behind them out.

Reading the persona costs a second of each start; its state is the same every time. Reading a
conversation costs several, which the successor of a dead process has no time for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from config.logs import log
from models.durable import write_whole
from models.protocols import ModelState

if TYPE_CHECKING:
    from config.stage_settings import Thinker

_SUFFIX: Final = ".state"
_MOST_FILES: Final = 16
"""A megabyte or so each."""

_DIGEST_BYTES: Final = 32

_FORMAT: Final = 2
"""Of ModelState, and of the batches in which heads are read: other batches, other roundings."""


class StateFiles:
    """A folder of states, each under a name made of all that it depends on.

    model: the GGUF file; settings: what its context is opened with.
    most_files: how many are kept; the oldest go first.
    """

    def __init__(
        self, folder: Path, model: Path, settings: Thinker, most_files: int = _MOST_FILES
    ) -> None:
        self._folder = folder
        self._most_files = most_files
        self._complained = False
        found = model.stat()
        self._origin = (
            _FORMAT, str(model.resolve()), found.st_size, found.st_mtime_ns,
            settings.context_tokens, settings.kv_type, settings.flash_attention,
            version("llama-cpp-python"),
        )  # fmt: skip

    def load(self, tokens: Sequence[int]) -> ModelState | None:
        """Return the state behind `tokens`; None where there is none, or a damaged one."""
        try:
            packed = self._path(tokens).read_bytes()
        except OSError:
            return None
        body = packed[_DIGEST_BYTES:]
        if hashlib.sha256(body).digest() != packed[:_DIGEST_BYTES]:
            return None
        state = msgspec.msgpack.decode(body, type=ModelState)
        return state if state.tokens == tuple(tokens) else None

    def save(self, state: ModelState) -> None:
        """Keep `state`, whole or not at all; a disk that takes nothing only costs time.

        That it takes nothing is said once.
        """
        body = msgspec.msgpack.encode(state)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path(state.tokens), hashlib.sha256(body).digest() + body)
            self._thin_out()
        except OSError as error:
            if not self._complained:
                self._complained = True
                log.warning("a state is not kept", folder=str(self._folder), why=str(error))

    def clear(self) -> None:
        """Delete all states."""
        for path in self._folder.glob(f"*{_SUFFIX}"):
            path.unlink(missing_ok=True)

    def _thin_out(self) -> None:
        states = sorted(self._folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime)
        for path in states[: -self._most_files]:
            path.unlink(missing_ok=True)

    def _path(self, tokens: Sequence[int]) -> Path:
        name = hashlib.sha256(repr((self._origin, tuple(tokens))).encode()).hexdigest()[:24]
        return self._folder / f"{name}{_SUFFIX}"
