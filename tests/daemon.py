"""The daemon as a user starts it: arguments in, what it printed and left behind out."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from bus.frames import AnyFrame, TurnFrame
from bus.log_reader import read_frames

ROOT = Path(__file__).parent.parent
_NAMES = ("stages.worker", "--worker")
_WITHIN_S = 60

FORGETFUL = ("--set", "memory.keep_conversation_h=0")
"""A daemon that lasts leaves no conversation to the next one."""

Moment = Callable[[Sequence[AnyFrame]], bool]
"""Tells from what the hub has logged whether the moment has come."""


def command(*arguments: str | Path) -> list[str]:
    """Return the command line of `run_pipeline.py` with `arguments`."""
    return [sys.executable, str(ROOT / "run_pipeline.py"), *map(str, arguments)]


def environment(runtime: Path, **more: str) -> dict[str, str]:
    """Return an environment whose runtime folder is `runtime`."""
    return {**os.environ, "XDG_RUNTIME_DIR": str(runtime), **more}


def run(
    *arguments: str | Path, env: Mapping[str, str], timeout_s: float = 100
) -> subprocess.CompletedProcess[str]:
    """Run to the end, from another folder than the project's."""
    return subprocess.run(
        command(*arguments), env=dict(env), capture_output=True, text=True, check=False,
        timeout=timeout_s, cwd=env["XDG_RUNTIME_DIR"],
    )  # fmt: skip


@contextlib.contextmanager
def started(*arguments: str | Path, env: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Start it; none of its processes is left behind the block."""
    process = subprocess.Popen(
        command(*arguments), env=dict(env), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def frames_of(runtime: Path, turn: int | None = None) -> list[AnyFrame]:
    """Return what the hub has logged of a turn that is open now; None: of all of them."""
    found: list[AnyFrame] = []
    for log in sorted(runtime.glob("sarai-*/log/*")):
        with contextlib.suppress(OSError):  # closed between the two
            found += read_frames(log)
    if turn is None:
        return found
    return [frame for frame in found if isinstance(frame, TurnFrame) and frame.turn == turn]


def seen(kind: type[AnyFrame], count: int = 1) -> Moment:
    """Return the moment at which so many frames of a type are logged."""
    return lambda frames: sum(isinstance(frame, kind) for frame in frames) >= count


def reached(
    process: subprocess.Popen[str], runtime: Path, moment: Moment, turn: int | None = None
) -> None:
    """Wait until what was logged of `turn`, or of all, says that the moment has come."""
    deadline_s = time.monotonic() + _WITHIN_S
    while not moment(frames_of(runtime, turn)):
        assert process.poll() is None, "the turn was over before its moment had come"
        assert time.monotonic() < deadline_s, "the moment never came"
        time.sleep(0.01)


def members(pid: int) -> dict[str, int]:
    """Return the daemon's processes below `pid` by name: `encoder`, a second one `encoder.1`."""
    found = {}
    for process in psutil.Process(pid).children(recursive=True):
        try:
            words = process.cmdline()
        except psutil.Error:  # it has just ended
            continue
        if "bus.hub" in words:
            found["hub"] = process.pid
        elif "stages.worker" in words:
            stage, worker = (words[words.index(before) + 1] for before in _NAMES)
            found[stage if worker == "0" else f"{stage}.{worker}"] = process.pid
    return found
