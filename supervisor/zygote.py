"""Requests for a process in; the process out, forked from this one, which has imported it all.

Started by the supervisor as `python -m supervisor.zygote SOCKET`. What Python, numpy and ONNX
Runtime build while they are imported is held once for all processes of the daemon instead of six
times. The way of Android's and Chromium's zygotes; but ours ends when all are ready, and takes
nobody with it, since each process is adopted by the supervisor as soon as it lives. A successor,
which would have nobody to share with, is started by itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

ZYGOTE: Final = "supervisor.zygote"

SHARED: Final = (
    "stages.worker",
    "bus.hub",
    "onnxruntime",
    "soundfile",
    "stages.resampling",
    "models.store",
    "models.apart",
    "models.onnx_session",
    "models.log_mel",
    "importlib.resources",
    "importlib.metadata",
)
"""What two processes or more need. None of it may start a thread, which a fork leaves behind:
ONNX Runtime would, were it not for what comes before it (see `models`)."""

ROOM_FOR_NAMES: Final = 512
"""Characters of the command line that the zygote is started with, for those of its children."""

_LIBC: Final = ctypes.CDLL(None)
_ADOPTED_EVERY_S: Final = 0.0005
_PR_SET_PDEATHSIG: Final = 1
_ARGUMENTS_START, _ARGUMENTS_END = 45, 46
"""Fields of /proc/PID/stat behind the name, from 0: where a process's command line stands."""


class Birth(msgspec.Struct, frozen=True, kw_only=True):
    """One process that is wanted."""

    module: str
    """Has a function `main` that takes the arguments and returns an exit code."""
    arguments: tuple[str, ...]
    nice: int


def main() -> int:
    """Fork what is asked for until the supervisor is gone."""
    supervisor = os.getppid()
    with socket.socket(fileno=int(sys.argv[1])) as line:
        for module in SHARED:
            importlib.import_module(module)
        gc.collect()
        gc.freeze()  # a collection in a child would write to every page that it looks at
        _name(["-m", ZYGOTE])
        while request := line.recv(1 << 16):
            birth = msgspec.json.decode(request, type=Birth)
            if _is_child(supervisor):
                return _run(birth, line)
    return 0


def _is_child(supervisor: int) -> bool:
    """Fork a child of a child, which the kernel gives to the supervisor (a subreaper, prctl(2)).

    Return, adopted, True in the child, and False in this process.
    """
    between = os.fork()
    if between:
        with contextlib.suppress(ChildProcessError):  # where the kernel reaps: SIGCHLD is ignored
            os.waitpid(between, 0)
        return False
    between = os.getpid()
    if os.fork():
        os._exit(0)
    while os.getppid() == between:
        time.sleep(_ADOPTED_EVERY_S)
    die_with(supervisor)
    return True


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent` dies; end it if that has happened."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _run(birth: Birth, line: socket.socket) -> int:
    """Be the process that was asked for; it tells its number itself, so that none is unknown.

    It leads a session of its own, so that Ctrl-C reaches the supervisor alone.
    """
    os.setsid()
    _name(["-m", birth.module, *birth.arguments])
    line.send(str(os.getpid()).encode())
    line.close()
    os.nice(birth.nice)
    exit_code: int = importlib.import_module(birth.module).main(birth.arguments)
    return exit_code


def _name(arguments: Sequence[str]) -> None:
    """Show other arguments in this process's command line, where `ps` and its like find them.

    Does nothing on a system that does not tell where the command line stands.
    """
    stat = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    start, end = int(stat[_ARGUMENTS_START]), int(stat[_ARGUMENTS_END])
    words = "\0".join([sys.executable, *arguments]).encode()
    if start:
        ctypes.memmove(start, words[: end - start - 1].ljust(end - start, b"\0"), end - start)


if __name__ == "__main__":
    sys.exit(main())
