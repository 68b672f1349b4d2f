"""Recordings in; a daemon that answers them, its processes within reach, and what it left out."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import psutil  # type: ignore[import-untyped]
from msgspec import Struct

from benchmarks.fault_left import Left, lines_about
from benchmarks.members import member_of
from benchmarks.turn_room import read_room
from bus.frames import AnyFrame, TurnFrame
from bus.log_reader import read_frames

ROOT: Final = Path(__file__).resolve().parent.parent
RECORDING: Final = ROOT / "tests" / "recordings" / "question_en.wav"
VICTIMS: Final = ("hub", "capture", "encoder", "thinker", "talker", "playback")
POLL_S: Final = 0.005
_WITHIN_S: Final = 60.0
_END_WITHIN_S: Final = 30.0

Moment = Callable[[Sequence[AnyFrame]], bool]
"""Tells from what the hub has logged of a turn whether the moment has come."""


class Scene(Struct, frozen=True):
    """What all faults of a run share."""

    folder: Path
    profile: str
    rounds: int
    """Turns, or starts of the daemon, for each fault."""
    seed: int
    settings: tuple[str, ...]
    victims: tuple[str, ...]


class House:
    """A running daemon. A context manager: on leaving, none of its processes is left."""

    def __init__(
        self,
        scene: Scene,
        name: str,
        arguments: Sequence[str | Path],
        *,
        settings: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
    ) -> None:
        """Start it: `arguments` are those of run_pipeline.py, the command first.

        before: a command that runs the daemon's in its place, such as unshare.
        """
        self.folder = scene.folder / name
        self.runtime = self.folder / "runtime"
        self.runtime.mkdir(parents=True, mode=0o700)
        self.room = self.folder / "room.wav"
        command = [*before, sys.executable, str(ROOT / "run_pipeline.py"), *map(str, arguments)]
        command += ["--profile", scene.profile]
        for setting in (*_SETTINGS, *scene.settings, *settings):
            command += ["--set", setting]
        self.started_s = time.monotonic()
        self._output = (self.folder / "stdout").open("w+", encoding="utf-8")
        self._errors = (self.folder / "stderr").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            command,
            env={**os.environ, "XDG_RUNTIME_DIR": str(self.runtime), **(environment or {})},
            stdout=self._output,
            stderr=self._errors,
        )

    @classmethod
    def asked(cls, scene: Scene, name: str, turns: int, **more: Any) -> Self:  # noqa: ANN401
        """Return a daemon that is asked the same question again and again, in real time."""
        out = scene.folder / name / "room.wav"
        asked: list[str | Path] = ["ask", "--realtime", "--json", "--out", out]
        asked += [RECORDING] * turns
        return cls(scene, name, asked, **more)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.pid).children():
                child.kill()
        self._process.kill()
        self._process.wait()
        self._output.close()
        self._errors.close()

    @property
    def pid(self) -> int:
        """The supervisor's process."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the supervisor has ended."""
        return self._process.poll() is not None

    def look_through_its_eyes(self) -> None:
        """See the runtime folder as the daemon does, whatever it has mounted there."""
        self.runtime = Path(f"/proc/{self.pid}/root{self.runtime}")

    def said(self, words: str) -> bool:
        """Return whether `words` stand in its log."""
        return words in (self.folder / "stderr").read_text(encoding="utf-8")

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of its log, so far, that tell of `event`."""
        return lines_about((self.folder / "stderr").read_text(encoding="utf-8"), event)

    def end(self, within_s: float = _END_WITHIN_S) -> Left:
        """Wait for its end, else stop it as Ctrl-C would, and return what it left."""
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process.kill()
            self._process.wait()
        output = (self.folder / "stdout").read_text(encoding="utf-8")
        errors = (self.folder / "stderr").read_text(encoding="utf-8")
        return Left(
            json.loads(output) if output.startswith("{") else {},
            read_room(self.room) if self.room.exists() else np.zeros(0, np.float32),
            self._process.returncode,
            output,
            errors,
        )

    def members(self) -> dict[str, int]:
        """Return the processes that run now by what they run."""
        found: dict[str, int] = {}
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.pid).children():
                with contextlib.suppress(psutil.Error):
                    name = member_of(child.cmdline())
                    if name is not None:
                        found[name] = child.pid
        return found

    def signal(self, name: str, number: signal.Signals) -> int | None:
        """Send a signal to a process by name; return its number, None: it does not run now."""
        pid = self.members().get(name)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return pid

    def open_turns(self) -> set[str]:
        """Return the names of the turns that the hub has a log of."""
        return {log.name for log in self.runtime.glob("sarai-*/log/*.frames")}

    def turns(self) -> Iterator[str]:
        """Yield each turn as it begins, until the daemon ends."""
        seen: set[str] = set()
        while not self.ended:
            for name in sorted(self.open_turns() - seen):
                seen.add(name)
                yield name
            time.sleep(POLL_S)

    def frames(self, turn: int) -> list[AnyFrame]:
        """Return what the hub has logged of a turn that is open now."""
        found: list[AnyFrame] = []
        for log in sorted(self.runtime.glob(f"sarai-*/log/*.{turn}.frames")):
            with contextlib.suppress(OSError):  # closed between the two
                found += read_frames(log)
        return [frame for frame in found if isinstance(frame, TurnFrame)]

    def reached(self, turn: int, moment: Moment, within_s: float = _WITHIN_S) -> bool:
        """Wait for a moment of a turn; return False if the daemon ended or it did not come."""
        until_s = time.monotonic() + within_s
        while not moment(self.frames(turn)):
            if self.ended or time.monotonic() > until_s:
                return False
            time.sleep(POLL_S)
        return True


_SETTINGS: Final = (
    "capture.gap_between_files_ms=200",
    "daemon.log_level=info",
    "memory.keep_conversation_h=0",  # no house leaves anything to the next one
)


def seen(kind: type[AnyFrame], count: int = 1) -> Moment:
    """Return the moment at which so many frames of a kind are logged."""
    return lambda frames: sum(isinstance(frame, kind) for frame in frames) >= count


def gone_after_s(pid: int, within_s: float) -> float | None:
    """Return how long a process, or what is left of it, still ran; None: longer than that."""
    began_s = time.monotonic()
    while time.monotonic() - began_s < within_s:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                break
        except psutil.Error:
            break
        time.sleep(POLL_S)
    else:
        return None
    return time.monotonic() - began_s
