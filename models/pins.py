"""Trust on first use: the SHA-256 of each file that the catalogue leaves open.

The first download of such a file is believed and its SHA-256 recorded in the cache; from then on
the file is held to it like any other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from models.durable import write_whole
from models.errors import ModelDamaged
from models.locks import exclusive

_NAME: Final = "pins.json"


class PinBook:
    """The pins of one cache folder."""

    def __init__(self, root: Path) -> None:
        self._path = root / _NAME

    def get(self, model: str, file: str) -> str | None:
        """Return the pinned SHA-256 of a file, or None before its first download.

        Raises ModelDamaged when the pins cannot be read: guessing would undo the trust.
        """
        return self._read().get(f"{model}/{file}")

    def put(self, model: str, file: str, sha256: str) -> None:
        """Pin a file. A file is pinned once: a second, different pin raises ModelDamaged."""
        with exclusive(self._path.with_name(f".{_NAME}.lock")):
            pins = self._read()
            known = pins.get(f"{model}/{file}")
            if known == sha256:
                return
            if known is not None:
                raise ModelDamaged(
                    f"model {model}: {file} has SHA-256 {sha256[:12]}…, but {known[:12]}… was "
                    f"pinned at its first download; if it was meant to change, delete its line "
                    f"in {self._path}"
                )
            pins[f"{model}/{file}"] = sha256
            write_whole(self._path, msgspec.json.format(msgspec.json.encode(pins)))

    def _read(self) -> dict[str, str]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, str])
        except FileNotFoundError:
            return {}
        except msgspec.DecodeError as error:
            raise ModelDamaged(
                f"{self._path}: not readable ({error}); delete it to pin the cached files anew"
            ) from error
