"""What can go wrong with models.

ModelError
├── ModelMissing    a file is not in the cache (exit code 3)
├── ModelDamaged    a file is there and is not what the catalogue says (exit code 3)
├── FetchFailed     no source served the file (exit code 3)
├── CacheUnusable   the cache folder is full or cannot be read or written (exit code 3)
├── SourceFailed    one source did not serve a file; fetch goes on to the next one
├── UnknownModel    neither a catalogue id nor a file (exit code 2)
├── EngineFailed    an engine rejected its input or file
└── ContextFull     the prompt does not fit into the model's context
"""

from __future__ import annotations

import errno
from pathlib import Path


class ModelError(Exception):
    """One line that says what, where and what to do."""


class ModelMissing(ModelError):
    """A model file is not in the cache."""

    def __init__(self, model: str, where: str, options: str | None = None) -> None:
        super().__init__(
            f"model {model}: {where} is missing; fetch it with: "
            f"python run_pipeline.py models fetch {model if options is None else options}"
        )


class ModelDamaged(ModelError):
    """A model file is not what the catalogue says."""


class FetchFailed(ModelError):
    """No source served the file."""


class CacheUnusable(ModelError):
    """The cache folder is full, or cannot be read or written."""

    def __init__(self, where: Path, trouble: OSError | str) -> None:
        full = isinstance(trouble, str) or trouble.errno == errno.ENOSPC
        what = trouble if isinstance(trouble, str) else trouble.strerror or str(trouble)
        remedy = "make room" if full else "make it accessible"
        super().__init__(
            f"{where}: {what}; {remedy}, or name another cache folder with SARAI_CACHE"
        )


class SourceFailed(ModelError):
    """One source did not serve a file."""

    def __init__(self, reason: str, *, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.unreachable = unreachable
        """The network is to blame: the same source need not be asked for the next file."""


class UnknownModel(ModelError):
    """A name that is neither a catalogue id nor the path of a file."""

    def __init__(self, reference: str, nearest: str | None = None) -> None:
        hint = f"did you mean {nearest}?" if nearest else "see: python run_pipeline.py models list"
        super().__init__(f"model {reference}: no such model or file; {hint}")


class EngineFailed(ModelError):
    """An engine rejected its input or its file."""


class ContextFull(ModelError):
    """The prompt does not fit into the model's context."""
