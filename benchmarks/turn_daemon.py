"""A stream of questions in; the daemon's sound, its own report, CPU and memory out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import soundfile as sf  # type: ignore[import-untyped]
from msgspec import Struct

from benchmarks.lfm2_shape import shape_file
from benchmarks.members import member_of
from benchmarks.turn_room import read_room
from bus.frames import CHUNK_SAMPLES, SAMPLE_RATE, AnyFrame, AudioChunk
from bus.recording import read_recording
from models.errors import ModelError
from models.protocols import Float32Array
from models.store import ModelStore
from supervisor.memory import pss_mb as pss_mb_of

ROOT: Final = Path(__file__).resolve().parent.parent
SCRIPTS: Final = {
    "en": "The kettle needs four minutes, and then the tea must stand for three. "
    "I will tell you when it is time to drink it.",
    "es": "La mesa es para dos, y la música está sonando en la cocina. "
    "Tu hermana ha llamado esta mañana desde Madrid.",
}
"""What every answer is forced to be: a first clause of five words, then two more clauses.

The Spanish one was chosen for words that the stand-in for the Spanish voice says clearly enough
to be written down again.
"""
LONG_SCRIPTS: Final = {
    "en": SCRIPTS["en"] + " After that you pour it into the blue cup, and you add a little milk. "
    "If it is still too hot, wait another minute before you drink it.",
    "es": SCRIPTS["es"] + " El tiempo mañana es bueno y soleado, y hace mucho calor. "
    "La comida está en la mesa de la cocina, con pan y mermelada.",
}
"""Answers that are long enough to be interrupted."""
_SAMPLE_S: Final = 0.25
_EACH_MEMORY: Final = 8
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Load(Struct, frozen=True):
    """CPU time and memory of the daemon's processes at one moment."""

    at_s: float
    """Monotonic clock."""
    cpu_s: dict[str, float]
    """Used since its start, by each process."""
    pss_mb: dict[str, float]
    """Empty at most moments: asking costs time."""
    machine_s: float = 0.0
    """CPU time of all processes of the machine, the daemon's among them."""


class Run(Struct, frozen=True):
    """What came of one start of the daemon."""

    frames: list[AnyFrame]
    """Everything that was on the bus."""
    clock_s: float
    """Monotonic clock at sample 0 of the room's time line."""
    report: dict[str, Any]
    """What `ask --json` printed."""
    room: Float32Array
    loads: tuple[Load, ...]


def stand_ins(store: ModelStore, script: str | None) -> list[str]:
    """Return the settings that put stand-ins where the real files cannot be had.

    script: forced through the real forward passes of LFM2-1.2B's exact shape, whose weights are
    random; None: neither, the profile's own model answers.
    """
    options = []
    if script is not None:
        options += [f"thinker.model={shape_file(store)}", f"thinker.script={script}"]
        # Every answer begins alike: from the second turn on its sound would be at hand.
        options.append("talker.phrase_characters=0")
    if spanish := stand_in_voice(store):
        options.append(f"talker.voices.es={spanish}")
    return options


def stand_in_voice(store: ModelStore) -> Path | None:
    """Return a copy of the English voice for Spanish; None where the Spanish one is there.

    A copy, so that nothing of it is shared in memory.
    """
    try:
        store.files("piper-davefx")
    except ModelError:
        files = store.files("piper-joe")
        copy = store.derived("piper-joe", "stand-in-voice") / "voice.onnx"
        if not Path(f"{copy}.json").is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(files["voice"].read_bytes())
            Path(f"{copy}.json").write_bytes(files["voice-config"].read_bytes())
        return copy
    return None


def ask(
    recordings: Sequence[Path],
    room: Path,
    settings: Sequence[str],
    *,
    profile: str = "default",
    realtime: bool = True,
) -> Run:
    """Run the daemon on recordings to their end, and watch it. Raises CalledProcessError."""
    command = [sys.executable, str(ROOT / "run_pipeline.py"), "ask", "--json", "--out", str(room)]
    sys.stderr.write(f"the daemon hears {sum(map(_seconds, recordings)):.0f} s of sound ...\n")
    log = room.with_suffix(".frames")
    log.unlink(missing_ok=True)
    command += ["--record", str(log), "--profile", profile, *(["--realtime"] if realtime else [])]
    for setting in settings:
        command += ["--set", setting]
    with subprocess.Popen([*command, *map(str, recordings)], stdout=subprocess.PIPE) as process:
        watch = _Watch(process.pid)
        watch.start()
        printed, _ = process.communicate()
        watch.stop()
    report = json.loads(printed) if printed else None
    if report is None or process.returncode not in (
        0,
        1,
    ):  # 1: a turn was not answered, which is a result
        raise subprocess.CalledProcessError(process.returncode, command)
    frames = read_recording(log).frames
    log.unlink()
    return Run(frames, clock_of(frames), report, read_room(room), tuple(watch.loads))


def _seconds(recording: Path) -> float:
    return float(sf.info(recording).duration)


def clock_of(frames: Sequence[AnyFrame]) -> float:
    """Return the monotonic instant of sample 0, in seconds: no sound arrives before it is over.

    Exact to what the quickest of all blocks of sound took from capture to the hub: 1 to 2 ms.
    """
    ends_ns = [
        frame.at_ns - (frame.first_sample + CHUNK_SAMPLES) * 1_000_000_000 // SAMPLE_RATE
        for frame in frames
        if isinstance(frame, AudioChunk)
    ]
    return min(ends_ns, default=0) / 1e9


class _Watch(threading.Thread):
    """Looks at the daemon's processes a few times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = threading.Event()
        self.loads: list[Load] = []

    def run(self) -> None:
        count = 0
        while not self._ended.wait(_SAMPLE_S):
            count += 1
            self.loads.append(self._look(memory=count % _EACH_MEMORY == 0))

    def stop(self) -> None:
        """End it."""
        self._ended.set()
        self.join()

    def _look(self, *, memory: bool) -> Load:
        cpu_s, pss_mb = {}, {}
        at_s = time.monotonic()
        for pid in (self._pid, *_children(self._pid)):
            name = _name(pid)
            if name is None:
                continue
            cpu_s[name] = _cpu_s(pid)
            if memory:
                pss_mb[name] = pss_mb_of(pid) or 0.0
        return Load(at_s, cpu_s, pss_mb, _machine_s())


def _children(pid: int) -> list[int]:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(each) for each in found.split()]


def _name(pid: int) -> str | None:
    try:
        return member_of(Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0"))
    except OSError:
        return None


def _machine_s() -> float:
    """Return how long all cores together were not idle, in seconds."""
    first, _, _ = Path("/proc/stat").read_text(encoding="ascii").partition("\n")
    user, nice, system, _, _, interrupts, soft, stolen = map(int, first.split()[1:9])
    return (user + nice + system + interrupts + soft + stolen) / _TICKS


def _cpu_s(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    except OSError:
        return 0.0
    return (int(stat[11]) + int(stat[12])) / _TICKS
