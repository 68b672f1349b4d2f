"""Runtime folders of dead daemons in; the one that a restarted daemon goes on with out.

A daemon that is killed leaves its folder behind: frame logs of open turns, what was said before,
how far a recording was heard. Whoever is started in the same way within `resume_within_s` takes
it over; folders that are older are deleted, whosever they were.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from config.session import Session, read_session

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX: Final = "sarai-"
_LOCK: Final = "owner"
_SIGN: Final = "alive.json"
_SETTINGS: Final = "settings.json"

MOST_TAKEOVERS: Final = 2
"""A turn that has killed three daemons would kill the next one too."""


class Sign(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last sign of life of a daemon."""

    boot: str
    """Which start of the machine its monotonic times belong to."""
    seen_ns: int
    ran_samples: int
    """How far the capture clock had run; 0 before all workers were ready."""
    takeovers: int = 0
    """How many daemons in a row have died soon after they had taken this folder over."""


NOBODYS: Final = Sign(boot="", seen_ns=0, ran_samples=0)
"""Of a daemon that has not begun yet, or that ends in order: nobody goes on with what it leaves."""


class Leftover(Struct, frozen=True, kw_only=True):
    """A folder whose daemon is dead, locked for us."""

    folder: Path
    lock: int
    """Descriptor; whoever closes it lets go of the folder."""
    sign: Sign
    settings: bytes
    session: Session


class Wanted(Struct, frozen=True, kw_only=True):
    """What is being started, and when."""

    settings: bytes
    session: Session
    boot: str
    now_ns: int
    within_s: int


def is_young(sign: Sign, wanted: Wanted) -> bool:
    """Return whether its daemon died within the time in which answers still matter."""
    age_ns = wanted.now_ns - sign.seen_ns
    return sign.boot == wanted.boot and 0 <= age_ns <= wanted.within_s * 1_000_000_000


def goes_on(leftover: Leftover, wanted: Wanted) -> bool:
    """Return whether what is being started is what had died. Pure."""
    theirs = msgspec.structs.replace(leftover.session, record="")
    ours = msgspec.structs.replace(wanted.session, record="")
    return (
        wanted.session.lasting
        and is_young(leftover.sign, wanted)
        and leftover.sign.takeovers < MOST_TAKEOVERS
        and (theirs, leftover.settings) == (ours, wanted.settings)
    )


def taken_over(parent: Path, wanted: Wanted) -> Leftover | None:
    """Return the folder to go on with, locked; None: there is none. Old ones are deleted."""
    found = None
    for leftover in _leftovers(parent):
        if found is None and goes_on(leftover, wanted):
            found = leftover
            continue
        if not is_young(leftover.sign, wanted):
            shutil.rmtree(leftover.folder, ignore_errors=True)
        os.close(leftover.lock)
    return found


def lock(folder: Path) -> int | None:
    """Return a descriptor that keeps others off `folder` while we live; None: somebody has it.

    The kernel lets go of it however we die. Raises OSError.
    """
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def leave_sign(folder: Path, sign: Sign) -> None:
    """Write that we live. Without room for it nobody goes on with the folder, and all else does."""
    fresh = folder / f"{_SIGN}.new"
    with contextlib.suppress(OSError):
        fresh.write_bytes(msgspec.json.encode(sign))
        fresh.replace(folder / _SIGN)


def this_boot() -> str:
    """Return what names this start of the machine; see random(4)."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _leftovers(parent: Path) -> Iterator[Leftover]:
    """Yield the folders of ours whose daemon is dead, each locked."""
    for folder in sorted(parent.glob(f"{PREFIX}*")):
        with contextlib.suppress(OSError, msgspec.DecodeError):
            if not _is_private(folder) or not (folder / _SIGN).exists():
                continue
            descriptor = lock(folder)
            if descriptor is None:
                continue
            try:
                leftover = _read(folder, descriptor)
            except (OSError, msgspec.DecodeError):
                os.close(descriptor)
                raise
            yield leftover


def _read(folder: Path, descriptor: int) -> Leftover:
    return Leftover(
        folder=folder,
        lock=descriptor,
        sign=msgspec.json.decode((folder / _SIGN).read_bytes(), type=Sign),
        settings=(folder / _SETTINGS).read_bytes(),
        session=read_session(folder),
    )


def _is_private(folder: Path) -> bool:
    """Return whether nobody but us can have written there."""
    status = folder.lstat()
    is_ours = status.st_uid == os.geteuid() and not status.st_mode & 0o077
    return stat.S_ISDIR(status.st_mode) and is_ours
