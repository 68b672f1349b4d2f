"""Requests for a process in; the process out, forked from this one, which has imported it all.

Started by the supervisor as `python -m supervisor.zygote SOCKET`. What Python, numpy and ONNX
Runtime build while they are imported is held once for all processes of the daemon instead of six
times. The way of Android's and Chromium's zygotes; but ours ends when all are started, and takes
nobody with it, since each process is adopted by the supervisor as soon as it lives.
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
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

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
"""What two processes or more need. None of it may start a thread, which a fork leaves behind."""

READY: Final = b"ready"
"""The first that a zygote says; all else are the numbers of processes."""

ROOM_FOR_NAMES: Final = 512
"""Characters of the command line that the zygote is started with, for those of its children."""

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
        line.send(READY)
        while request := line.recv(1 << 16):
            _fork(msgspec.json.decode(request, type=Birth), line, supervisor)
    return 0


def _fork(birth: Birth, line: socket.socket, supervisor: int) -> None:
    """Have a child of a child, which the kernel gives to the supervisor (a subreaper, prctl(2))."""
    between = os.fork()
    if between:
        os.waitpid(between, 0)
        return
    between = os.getpid()
    if os.fork():
        os._exit(0)
    while (parent := os.getppid()) == between:
        time.sleep(_ADOPTED_EVERY_S)
    die_with(supervisor)
    if parent == supervisor:
        _run(birth, line)
    os._exit(1)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent` dies; end it if that has happened."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _run(birth: Birth, line: socket.socket) -> NoReturn:
    """Be the process that was asked for; it tells its number itself, so that none is unknown.

    It leads a session of its own, so that Ctrl-C reaches the supervisor alone. It leaves without
    the destructors of what the zygote built.
    """
    exit_code = 1
    try:
        os.setsid()
        os.nice(birth.nice)
        _name(["-m", birth.module, *birth.arguments])
        line.send(str(os.getpid()).encode())
        line.close()
        exit_code = importlib.import_module(birth.module).main(birth.arguments)
    except SystemExit as end:
        exit_code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter would, had it started us
        traceback.print_exc()
    with contextlib.suppress(OSError):  # whoever read our lines has gone
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(exit_code)


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
