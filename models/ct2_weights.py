"""A CTranslate2 `model.bin` in, named weight arrays out (memory-mapped, nothing copied).

Layout of binary version 6, all little-endian: u32 version; the specification's name; u32
revision; u32 number of variables; per variable its name, u8 rank, u32 dimensions, u8 type,
u32 bytes, data; u32 number of aliases; per alias its name and its target. A name is a u16 length
and that many bytes, the last of them NUL. Established by reading files of that version.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from models.errors import EngineFailed

VERSION: Final = 6
TYPES: Final = (np.float32, np.int8, np.int16, np.int32, np.float16)
"""Element types by their number in the file."""

Weights: TypeAlias = Mapping[str, NDArray[Any]]


class Ct2File(Struct, frozen=True):
    """The content of a `model.bin`."""

    specification: str
    """Kind of model, such as `WhisperSpec`."""
    weights: Weights
    """Read-only views into the mapped file; aliases are entries like any other."""


def read_weights(path: Path) -> Ct2File:
    """Return what `path` holds.

    Raises EngineFailed when the file is of another version, cut short, or not of this kind.
    """
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return _Cursor(data).file()
    except (ValueError, struct.error, IndexError, UnicodeDecodeError) as error:
        raise EngineFailed(
            f"{path}: not a CTranslate2 model of version {VERSION} ({error}); fetch it again"
        ) from error


class _Cursor:
    """Walks through the bytes of a model once."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def file(self) -> Ct2File:
        version = self._number("<I")
        if version != VERSION:
            raise ValueError(f"binary version {version}")
        specification = self._name()
        self._number("<I")
        weights = dict(self._variable() for _ in range(self._number("<I")))
        for _ in range(self._number("<I")):
            alias, target = self._name(), self._name()
            if target not in weights:
                raise ValueError(f"alias {alias} of the unknown {target}")
            weights[alias] = weights[target]
        return Ct2File(specification, weights)

    def _number(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return int(value)

    def _name(self) -> str:
        length = self._number("<H")
        end = self._at + length
        name = self._data[self._at : end - 1].decode()
        self._at = end
        return name

    def _variable(self) -> tuple[str, NDArray[Any]]:
        name = self._name()
        shape = [self._number("<I") for _ in range(self._number("<B"))]
        kind = np.dtype(TYPES[self._number("<B")])
        size_bytes = self._number("<I")
        count = int(np.prod(shape, dtype=np.int64))
        if count * kind.itemsize != size_bytes:
            raise ValueError(f"{name} is {size_bytes} bytes long, not {count * kind.itemsize}")
        array = np.frombuffer(self._data, kind, count, self._at).reshape(shape)
        self._at += size_bytes
        return name, array
