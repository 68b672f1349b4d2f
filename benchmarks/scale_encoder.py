"""Utterances in; how fast encoders write them down on the bus, and bare engines without it, out."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.figures import Figures
from benchmarks.scale_rooms import LazyHouse, Room
from benchmarks.scale_sound import Spoken
from bus.frames import Order
from bus.line import SupervisorLine
from config.load import load_settings, settings_from_json, settings_to_json
from config.session import Session
from config.settings import Settings
from models.transcribers import open_transcriber
from supervisor.crew import Crew
from supervisor.members import name_of

_ROOMS_PER_WORKER: Final = 2
"""So that a worker always has the next utterance at hand."""
_WANTED: Final = ("hub", "encoder")
_LOADED_WITHIN_MS: Final = 60_000


def measure(model: str, utterances: Sequence[Spoken], rounds: int, tries: int) -> Figures:
    """Return seconds of sound per second, for one and two workers with a thread each."""
    figures: Figures = {}
    for workers in (1, 2):
        settings = load_settings(
            "tiny",
            None,
            [
                "encoder.threads=1",
                f"encoder.workers={workers}",
                f"encoder.model={model}",
                "daemon.speculate=false",  # each utterance is written down once
            ],
        )
        bare, bus = [], []
        for _ in range(tries):
            bare.append(_bare(settings, utterances, rounds))
            bus.append(_on_the_bus(settings, utterances, rounds))
        rates = statistics.median(bare), statistics.median(bus)
        figures[f"{workers}_workers"] = {
            "bare": rates[0],
            "on_the_bus": rates[1],
            "ratio": rates[1] / rates[0],
        }
    return figures


def _on_the_bus(settings: Settings, utterances: Sequence[Spoken], rounds: int) -> float:
    with _encoders(settings) as runtime:
        lazy = LazyHouse(runtime, settings.bus)
        lazy.start()
        count = _ROOMS_PER_WORKER * settings.encoder.workers
        _said(runtime, settings, count, utterances[:1], incarnation=1)  # what is done once
        seconds, spoken_s = _said(
            runtime, settings, count, _shared(utterances, rounds), incarnation=2
        )
        lazy.stop()
    return spoken_s / seconds


def _shared(utterances: Sequence[Spoken], rounds: int) -> list[Spoken]:
    """Return what one room says: a worker's rooms together say all `rounds` times."""
    return list(utterances) * max(1, rounds // _ROOMS_PER_WORKER)


def _said(
    runtime: Path,
    settings: Settings,
    count: int,
    utterances: Sequence[Spoken],
    *,
    incarnation: int,
) -> tuple[float, float]:
    """Return how long rooms took, and how much they said."""
    rooms = [
        Room(runtime, settings.bus, number, utterances, realtime=False, incarnation=incarnation)
        for number in range(1, count + 1)
    ]
    began_s = time.monotonic()
    for room in rooms:
        room.start()
    for room in rooms:
        room.join()
    seconds = time.monotonic() - began_s
    if any(room.endings["lost"] for room in rooms):
        raise RuntimeError("the encoders did not write down all that was said")
    return seconds, sum(room.spoken_s for room in rooms)


@contextmanager
def _encoders(settings: Settings) -> Iterator[Path]:
    """Start the hub and encoders, and nothing else; return their runtime folder."""
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        runtime = Path(folder)
        (runtime / "settings.json").write_bytes(settings_to_json(settings))
        Session(recordings=("-",), realtime=False, room="").write(runtime)
        line = SupervisorLine(runtime, settings.bus)
        crew = Crew(settings, runtime, line, "")
        wanted = [name for name, each in crew.children.items() if each.member in _WANTED]
        try:
            for name in wanted:
                crew.start(name)
            _wait_for(line, len(wanted))
            yield runtime
        finally:
            crew.stop(Order(kind="stop"), settings.supervisor.stop_within_s)
            line.close()


def _wait_for(line: SupervisorLine, count: int) -> None:
    ready: set[str] = set()
    while len(ready) < count:
        vitals = line.receive(_LOADED_WITHIN_MS)
        if vitals is None:
            raise RuntimeError("the encoders did not get ready")
        if vitals.ready:
            ready.add(name_of(vitals.stage, vitals.worker))


def _bare(settings: Settings, utterances: Sequence[Spoken], rounds: int) -> float:
    """Return the rate of as many processes as there are workers, each with an engine alone."""
    workers = settings.encoder.workers
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        path = Path(folder)
        (path / "settings.json").write_bytes(settings_to_json(settings))
        np.savez(path / "sounds.npz", *[each.samples for each in utterances])
        command = [sys.executable, "-m", "benchmarks.scale_encoder", folder, str(rounds)]
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_env()
                )
            )
            for _ in range(workers)
        ]
        for process in processes:
            _line(process)
        began_s = time.monotonic()
        for process in processes:
            _go(process)
        for process in processes:
            _line(process)
        seconds = time.monotonic() - began_s
    return workers * rounds * sum(each.seconds for each in utterances) / seconds


def _env() -> dict[str, str]:
    """Return what workers are started with, too: libraries start no threads of their own."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _go(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        process.stdin.write("go\n")
        process.stdin.flush()


def _line(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline() if process.stdout is not None else ""


def _work(folder: Path, rounds: int) -> None:
    """Be a bare process: load, wait for a line, write everything down `rounds` times."""
    settings = settings_from_json((folder / "settings.json").read_bytes())
    engine = open_transcriber(settings)
    with np.load(folder / "sounds.npz") as sounds:
        all_samples = [sounds[name] for name in sounds.files]
    for samples in all_samples[:1]:
        list(engine.transcribe(samples))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for _ in range(rounds):
        for samples in all_samples:
            list(engine.transcribe(samples))
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _work(Path(sys.argv[1]), int(sys.argv[2]))
