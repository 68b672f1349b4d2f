"""What was verified before: a model's folder in, the SHA-256 of its untouched files out.

Hashing 700 MB at each start would cost a second; a seal says which size and time of change
a file had when its hash was last computed, so that only a file touched since is hashed again.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import Final

import msgspec

from models.durable import write_whole

_NAME: Final = ".verified.json"


class Seal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file as it was when it was hashed."""

    sha256: str
    size_bytes: int
    modified_ns: int


def read_seals(folder: Path) -> dict[str, Seal]:
    """Return the seals of a folder by file name; none where they are absent or unreadable."""
    try:
        return msgspec.json.decode((folder / _NAME).read_bytes(), type=dict[str, Seal])
    except (OSError, msgspec.DecodeError):
        return {}


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def remember(path: Path, sha256: str) -> Seal:
    """Record beside a file that, as it is now, it has this SHA-256."""
    now = path.stat()
    made = Seal(sha256, now.st_size, now.st_mtime_ns)
    seals = read_seals(path.parent)
    seals[path.name] = made
    # A cache that cannot be written (a shared one) is still usable: it is hashed at each start.
    with contextlib.suppress(OSError):
        write_whole(path.parent / _NAME, msgspec.json.encode(seals))
    return made


def unbroken(path: Path, made: Seal | None) -> bool:
    """Tell whether a file is as it was when `made` was."""
    if made is None:
        return False
    now = path.stat()
    return (now.st_size, now.st_mtime_ns) == (made.size_bytes, made.modified_ns)
