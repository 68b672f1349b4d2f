"""A running hub: a folder in, a real process with real sockets out."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bus.frames import AnyFrame, Gone, Member, Order, Vitals
from bus.line import SupervisorLine
from bus.port import Port, Resumption
from bus.routes import STAGES
from config.load import settings_to_json
from config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 20.0


class RunningHub:
    """Hub process, supervisor's line, and the ports that a test opens."""

    def __init__(self, runtime: Path, settings: Settings) -> None:
        self.runtime = runtime
        self.settings = settings
        (runtime / "settings.json").write_bytes(settings_to_json(settings))
        self.line = SupervisorLine(runtime, settings.bus)
        self.incarnation = 0
        self.ports: list[Port] = []
        self.processes: list[subprocess.Popen[str]] = []
        self.start()

    def start(self, *arguments: str) -> None:
        """Start the hub, or the next one after its death."""
        self.incarnation += 1
        self.process = self.run(
            "-m", "bus.hub", "--runtime", str(self.runtime),
            "--incarnation", str(self.incarnation), *arguments,
        )  # fmt: skip
        self.beat(lambda vitals: vitals.incarnation == self.incarnation)

    def run(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a Python process that ends with the test."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def join(self, member: Member, worker: int = 0, incarnation: int = 1) -> Port:
        """Open a port that is ready."""
        port = Port(self.runtime, member, worker, incarnation, self.settings.bus)
        self.ports.append(port)
        port.open()
        port.ready()
        return port

    def join_all(self) -> dict[str, Port]:
        """Open a port for every member."""
        members: tuple[Member, ...] = ("supervisor", *STAGES)
        return {member: self.join(member) for member in members}

    def beat(self, wanted: Callable[[Vitals], bool] = lambda _: True) -> Vitals:
        """Return the next Vitals that are wanted."""
        until_s = time.monotonic() + WITHIN_S
        while time.monotonic() < until_s:
            vitals = self.line.receive(100)
            if vitals is not None and wanted(vitals):
                return vitals
        raise AssertionError("no such vitals came")

    def bury(self, member: Member, incarnation: int = 1, worker: int = 0) -> Gone:
        """Return what the supervisor says of a dead worker."""
        return Gone(stage=member, worker=worker, incarnation=incarnation)

    def stop(self) -> int:
        """Let the supervisor stop the hub; return its exit code."""
        self.line.order("hub", 0, self.incarnation, Order(kind="stop"))
        return self.process.wait(WITHIN_S)

    def close(self) -> None:
        """Leave nothing behind."""
        for port in self.ports:
            port.close()
        for process in self.processes:
            process.kill()
            process.communicate()
        self.line.close()


def read_line(process: subprocess.Popen[str]) -> str:
    """Return the next line that a process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def gather(port: Port, *wanted: str) -> list[AnyFrame | Resumption]:
    """Receive until one frame of each type in `wanted` has come, control before data."""
    found: list[AnyFrame | Resumption] = []
    missing = list(wanted)
    until_s = time.monotonic() + WITHIN_S
    while missing:
        if time.monotonic() > until_s:
            raise AssertionError(f"{missing} did not come, but {names(found)}")
        port.wait(50)
        for receive in (port.control, port.data):
            while (frame := receive()) is not None:
                found.append(frame)
                if type(frame).__name__ in missing:
                    missing.remove(type(frame).__name__)
    return found


def names(found: list[AnyFrame | Resumption]) -> list[str]:
    """Return the types of what was received."""
    return [type(each).__name__ for each in found]


def until(condition: Callable[[], bool]) -> None:
    """Wait for `condition`, for a bounded time."""
    until_s = time.monotonic() + WITHIN_S
    while not condition():
        if time.monotonic() > until_s:
            raise AssertionError("it did not come true")
        time.sleep(0.01)


def three_free_ports() -> int:
    """Return a port that is free with the two after it."""
    for first in range(43_000, 60_000, 3):
        held = [socket.socket() for _ in range(3)]
        try:
            for port, each in enumerate(held, first):
                each.bind(("127.0.0.1", port))
        except OSError:
            continue
        else:
            return first
        finally:
            for each in held:
                each.close()
    raise RuntimeError("no three free ports in a row")
