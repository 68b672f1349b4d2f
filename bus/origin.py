"""Where a recording comes from: files and this machine in, marks that can be compared out."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

_ENGINES: Final = ("llama-cpp-python", "numpy", "onnxruntime", "soxr")
"""What computes: another version of one may round differently."""


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that was heard."""

    path: str
    sha256: str


def source_of(path: Path) -> Source:
    """Return the mark of a file; one that cannot be read gets an empty sum."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        digest = ""
    return Source(path=str(path), sha256=digest)


def missing(sources: Sequence[Source]) -> str:
    """Return which file is not what was heard then, in a few words; empty: all are."""
    if not sources:
        return "it was recorded from a microphone"
    for source in sources:
        if not source.sha256 or source_of(Path(source.path)) != source:
            return f"{source.path} is not the file that was heard"
    return ""


def this_machine() -> dict[str, str]:
    """Return what decides the last bits of a result: the processor and the engines."""
    from importlib import metadata  # noqa: PLC0415 - 2 MB: few daemons ever record

    found = {name: metadata.version(name) for name in _ENGINES}
    return {"processor": f"{platform.machine()} {_processor()}", **found}


def _processor() -> str:
    """Return the processor's name, and its features in short."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = dict(line.split("\t: ", 1) for line in text.splitlines() if "\t: " in line)
    names = {name.strip(): value for name, value in fields.items()}
    features = names.get("flags") or names.get("Features", "")
    digest = hashlib.sha256(features.encode()).hexdigest()[:8]
    return f"{names.get('model name', '')} {digest}".strip()
