"""A quiet room in, the CPU time and memory of every process of a daemon that waits out."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile as sf  # type: ignore[import-untyped]

from benchmarks.members import member_of
from bus.frames import SAMPLE_RATE
from config.load import load_settings
from config.session import Session
from stages.resampling import to_int16
from supervisor.daemon import Daemon
from supervisor.memory import pss_mb

_ROOM_DB: Final = -60.0
_SETTLE_S: Final = 5.0
"""After the start, before the measurement: models are loaded, pages are still given back."""

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="bench idle", description=__doc__)
    parser.add_argument("--profile", default="tiny")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--set", action="append", default=[], dest="assignments", metavar="k=v")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    settings = load_settings(arguments.profile, None, arguments.assignments)
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder) / "quiet.wav"
        _write_room(room, arguments.seconds + 2 * _SETTLE_S + 60)
        session = Session(recordings=(str(room),), realtime=True, room="")
        with Daemon(settings, session) as daemon:
            figures = _watch(daemon, arguments.seconds)
    sys.stdout.write(json.dumps(figures) + "\n" if arguments.json else _table(figures))
    return 0


def _write_room(path: Path, seconds: float) -> None:
    draw = np.random.default_rng(0)
    noise = draw.standard_normal(int(seconds * SAMPLE_RATE)) * 10 ** (_ROOM_DB / 20)
    sf.write(path, to_int16(noise.astype(np.float32)), SAMPLE_RATE)


def _watch(daemon: Daemon, seconds: float) -> dict[str, Any]:
    while not daemon.clock_ns:
        _step(daemon)
    _run(daemon, _SETTLE_S)
    pids = {os.getpid(): "supervisor", **processes_below()}
    before = {pid: spent(pid) for pid in pids}
    began_s = time.monotonic()
    _run(daemon, seconds)
    took_s = time.monotonic() - began_s
    processes = {}
    for pid, name in pids.items():
        now = spent(pid)
        processes[name] = {
            "cpu_percent": round(100 * (now[0] - before[pid][0]) / took_s, 2),
            "wakes_per_s": round((now[1] - before[pid][1]) / took_s, 1),
            "pss_mb": round(pss_mb(pid) or 0.0, 1),
        }
    return {
        "processes": processes,
        "cpu_percent": round(sum(each["cpu_percent"] for each in processes.values()), 2),
        "pss_mb": round(sum(each["pss_mb"] for each in processes.values()), 1),
    }


def _run(daemon: Daemon, seconds: float) -> None:
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        _step(daemon)


def _step(daemon: Daemon) -> None:
    for _frame in daemon.step():
        continue


def processes_below() -> dict[int, str]:
    """Return the daemon's processes that this one has started, by the stage they run."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            words = (folder / "cmdline").read_text().split("\0")
        except OSError:  # it has ended between the listing and the look
            continue
        name = member_of(words)
        if int(fields[1]) == os.getpid() and name is not None:
            found[int(folder.name)] = name
    return found


def spent(pid: int) -> tuple[float, int]:
    """Return the CPU seconds of all threads, and how often they gave the core away."""
    seconds, switches = 0.0, 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        fields = (task / "schedstat").read_text().split()
        seconds += int(fields[0]) / 1e9
        status = (task / "status").read_text()
        switches += int(status.partition("voluntary_ctxt_switches:")[2].split()[0])
    return seconds, switches


def _table(figures: dict[str, Any]) -> str:
    rows = [
        f"{name:12} {each['cpu_percent']:6.2f} %  {each['wakes_per_s']:7.1f} wakes/s  "
        f"{each['pss_mb']:7.1f} MB"
        for name, each in figures["processes"].items()
    ]
    rows.append(f"{'all':12} {figures['cpu_percent']:6.2f} %  {figures['pss_mb']:24.1f} MB")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
