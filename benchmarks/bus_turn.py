"""A question heard in real time in; how much of a core the hub takes while it is answered, out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from benchmarks.figures import Figures
from benchmarks.idle import processes_below, spent
from bus.frames import Closed, SpeechStarted
from config.load import load_settings
from config.session import Session
from supervisor.daemon import Daemon

_WITHIN_S: Final = 60.0


def hub_share(recording: Path, turns: int) -> Figures:
    """Return the hub's share of one core, in percent, from the first word to the last sound."""
    settings = load_settings("tiny")
    session = Session(recordings=(str(recording),) * turns, realtime=True, room="")
    seconds = cpu_s = 0.0
    closed = 0
    with Daemon(settings, session) as daemon:
        hub = _hub()
        until_s = time.monotonic() + turns * _WITHIN_S
        while closed < turns and time.monotonic() < until_s:
            for frame in daemon.step():
                if isinstance(frame, SpeechStarted):
                    began_s, before_s = time.monotonic(), spent(hub)[0]
                elif isinstance(frame, Closed):
                    closed += 1
                    seconds += time.monotonic() - began_s
                    cpu_s += spent(hub)[0] - before_s
    return {"turns": closed, "hub_percent": 100 * cpu_s / seconds if seconds else None}


def _hub() -> int:
    return next(pid for pid, name in processes_below().items() if name == "hub")
