"""One run of the daemon in real time in, with a fault in each turn; its report and room out."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import psutil  # type: ignore[import-untyped]
from msgspec import Struct

from benchmarks.turn_room import read_room
from models.protocols import Float32Array

Fault: TypeAlias = Literal["none", "kill", "stop", "slow"]
ROOT: Final = Path(__file__).resolve().parent.parent
VICTIMS: Final = ("hub", "capture", "encoder", "thinker", "talker", "playback")
_POLL_S: Final = 0.01
_SLOW_S: Final = 4.0
_SLOW_DUTY_S: Final = 0.04
"""A slowed process runs and rests for so long, in turns: half its speed."""


class Plan(Struct, frozen=True):
    """What is to be done in each turn."""

    victim: str
    """As the daemon's report names it."""
    fault: Fault
    turn_s: float
    """A turn lasts so long: the moment lies in it."""
    seed: int


class FaultRun(Struct, frozen=True):
    """What came of one start of the daemon."""

    report: dict[str, Any]
    """What `ask --json` printed; empty where it printed nothing."""
    room: Float32Array
    faults: int
    """Done to a process that was running."""
    exit_code: int
    errors: str


def run_with_faults(
    recordings: Sequence[Path], folder: Path, settings: Sequence[str], profile: str, plan: Plan
) -> FaultRun:
    """Ask every recording, and do what is planned in each turn; the hub's logs tell of turns."""
    room = folder / f"room-{plan.victim}-{plan.fault}.wav"
    command = [sys.executable, str(ROOT / "run_pipeline.py"), "ask", "--realtime", "--json"]
    command += ["--out", str(room), "--profile", profile]
    for setting in (*settings, "supervisor.max_restarts=1000", "supervisor.degrade=false"):
        command += ["--set", setting]
    runtime = folder / f"runtime-{plan.victim}-{plan.fault}"
    runtime.mkdir(mode=0o700)
    process = subprocess.Popen(
        [*command, *map(str, recordings)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    hand = _Hand(process.pid, runtime, plan)
    if plan.fault != "none":
        hand.start()
    output, errors = process.communicate()
    hand.done.set()
    return FaultRun(
        json.loads(output) if output else {},
        read_room(room) if room.exists() else Float32Array(0),
        hand.faults,
        process.returncode,
        errors,
    )


class _Hand(threading.Thread):
    """Does the faults."""

    def __init__(self, pid: int, runtime: Path, plan: Plan) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()
        self.faults = 0
        self._pid = pid
        self._runtime = runtime
        self._plan = plan
        self._moments = random.Random(plan.seed)  # noqa: S311 - moments are no secret

    def run(self) -> None:
        """Wait for each turn's log, then for a moment of that turn."""
        seen: set[str] = set()
        while not self.done.is_set():
            fresh = {log.name for log in self._runtime.glob("sarai-*/log/*.frames")} - seen
            if not fresh:
                time.sleep(_POLL_S)
                continue
            seen |= fresh
            time.sleep(self._moments.uniform(0.0, self._plan.turn_s))
            pid = process_of(self._pid, self._plan.victim)
            if pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    _DEEDS[self._plan.fault](pid)
                    self.faults += 1


def process_of(supervisor: int, name: str) -> int | None:
    """Return the process of a hub or stage below a supervisor; None: it does not run now."""
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(supervisor).children():
            with contextlib.suppress(psutil.Error):
                words = child.cmdline()
                if (name == "hub" and "bus.hub" in words) or (
                    "stages.worker" in words and name in words
                ):
                    return int(child.pid)
    return None


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def _stop(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


def _slow(pid: int) -> None:
    """Let a process run half the time only, for some seconds."""
    until_s = time.monotonic() + _SLOW_S
    while time.monotonic() < until_s:
        os.kill(pid, signal.SIGSTOP)
        time.sleep(_SLOW_DUTY_S)
        os.kill(pid, signal.SIGCONT)
        time.sleep(_SLOW_DUTY_S)


_DEEDS: Final[dict[Fault, Callable[[int], None]]] = {"kill": _kill, "stop": _stop, "slow": _slow}
