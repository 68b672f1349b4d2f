"""Ways from one process to another: frames of 20 ms of sound in, latency and throughput out.

`direct` is a plain PUSH/PULL pair; `forwarded` adds a ROUTER that does nothing but pass on, which
is the least that any hub of ZeroMQ costs; `hub` is ours, frame log included.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

import zmq

from bus.frames import AudioChunk, Closed, SpeechStarted
from bus.line import SupervisorLine
from bus.port import Port
from config.load import load_settings, settings_from_json

Row: TypeAlias = dict[str, float]
WAYS: Final = ("direct", "forwarded", "hub")

_PCM: Final = os.urandom(640)
_WARM_UP: Final = 200
_PACE_S: Final = 0.002


def measure(way: str, runtime: Path, frames: int, burst: int) -> Row:
    """Send `frames` one by one, then `burst` at once (0: none), over one of WAYS.

    runtime: a folder with settings.json. `cpu_us`: what the process in the middle used for each
    frame sent one by one, its start included.
    """
    started = {"direct": _direct, "forwarded": _forwarded, "hub": _hub}[way]
    with started(runtime) as passed, _sink(way, runtime, frames, burst) as sink:
        with _sender(way, runtime) as send:
            _wait_for(sink)
            _speak(send, frames, burst)
            row: Row = json.loads(_line(sink))
        if passed is not None and not burst:
            row["cpu_us"] = _cpu_s(passed.pid) * 1e6 / frames
    return row


def _speak(send: Callable[[int, int], None], frames: int, burst: int) -> None:
    for turn, (count, pace_s) in enumerate(((frames, _PACE_S), (burst, 0.0)), start=1):
        for _ in range(count):
            send(turn, time.monotonic_ns())
            if pace_s:
                time.sleep(pace_s)


@contextmanager
def _sender(way: str, runtime: Path) -> Iterator[Callable[[int, int], None]]:
    """Return a function that sends a frame of a turn, with the time at which it was sent."""
    if way == "hub":
        port = Port(runtime, "capture", 0, 1, load_settings("tiny").bus)
        port.open()
        port.ready()
        for turn in (1, 2):
            port.send(SpeechStarted(session="bench", turn=turn, sample=0))
        yield lambda turn, now_ns: port.send(
            AudioChunk(session="bench", turn=turn, first_sample=now_ns, pcm=_PCM)
        )
        port.close()
        return
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    socket = _unbounded(context.socket(zmq.PUSH if way == "direct" else zmq.DEALER))
    if way == "direct":
        socket.bind(f"ipc://{runtime}/direct")
    else:
        socket.connect(f"ipc://{runtime}/forwarded")

    def send(_turn: int, now_ns: int) -> None:
        socket.send_multipart([now_ns.to_bytes(8, "big"), _PCM])

    yield send
    socket.close()
    context.term()


@contextmanager
def _direct(_runtime: Path) -> Iterator[None]:
    yield None


@contextmanager
def _forwarded(runtime: Path) -> Iterator[subprocess.Popen[str]]:
    with _process("-m", "benchmarks.bus_ways", "forward", "forwarded", str(runtime)) as process:
        yield process


@contextmanager
def _hub(runtime: Path) -> Iterator[subprocess.Popen[str]]:
    line = SupervisorLine(runtime, load_settings("tiny").bus)
    try:
        with _process("-m", "bus.hub", "--runtime", str(runtime)) as hub:
            while line.receive(10_000) is None:
                raise RuntimeError("the hub did not start")
            yield hub
    finally:
        line.close()


@contextmanager
def _sink(way: str, runtime: Path, frames: int, burst: int) -> Iterator[subprocess.Popen[str]]:
    with _process(
        "-m", "benchmarks.bus_ways", "sink", way, str(runtime), str(frames), str(burst)
    ) as process:  # fmt: skip
        yield process


@contextmanager
def _process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _wait_for(sink: subprocess.Popen[str]) -> None:
    if _line(sink) != "ready":
        raise RuntimeError("the sink did not start")


def _line(process: subprocess.Popen[str]) -> str:
    if process.stdout is None:
        raise RuntimeError("the process was started without a pipe")
    return process.stdout.readline().strip()


def _cpu_s(pid: int) -> float:
    """Return what all threads of a process have used."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def _unbounded(socket: zmq.Socket[bytes]) -> zmq.Socket[bytes]:
    for option in (zmq.LINGER, zmq.SNDHWM, zmq.RCVHWM):
        socket.setsockopt(option, 0)
    return socket


def _forward(runtime: Path) -> None:
    """Pass on what comes to whom it may concern, as plainly as it can be written."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    router = _unbounded(context.socket(zmq.ROUTER))
    router.bind(f"ipc://{runtime}/forwarded")
    while True:
        _, *message = router.recv_multipart()
        router.send_multipart([b"sink", *message])


def _take(way: str, runtime: Path, frames: int, burst: int) -> None:
    """Receive everything, then print the figures as JSON; runs in a process of its own."""
    arrivals = _hub_arrivals(runtime) if way == "hub" else _plain_arrivals(way, runtime)
    next(arrivals)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    latencies_us = sorted([next(arrivals) / 1e3 for _ in range(frames)][_WARM_UP:])
    row = {
        "p50_us": statistics.median(latencies_us),
        "p99_us": latencies_us[int(len(latencies_us) * 0.99)],
    }
    if burst:
        next(arrivals)
        began_ns = time.monotonic_ns()
        for _ in range(burst - 1):
            next(arrivals)
        row["per_s"] = (burst - 1) * 1e9 / (time.monotonic_ns() - began_ns)
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()
    time.sleep(60)  # until it is killed: the figures of others are read first


def _hub_arrivals(runtime: Path) -> Iterator[int]:
    """Yield once when ready, then the age in ns of each frame that arrives."""
    settings = settings_from_json((runtime / "settings.json").read_bytes())
    port = Port(runtime, "encoder", 0, 1, settings.bus)
    port.open()
    port.ready()
    yield 0
    while True:
        port.wait(None)
        while port.control() is not None:
            continue
        while (frame := port.data()) is not None:
            if isinstance(frame, AudioChunk):
                yield time.monotonic_ns() - frame.first_sample
            elif isinstance(frame, Closed):
                raise RuntimeError(f"the hub closed the turn: {frame.reason}")  # noqa: TRY004


def _plain_arrivals(way: str, runtime: Path) -> Iterator[int]:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    socket = _unbounded(context.socket(zmq.PULL if way == "direct" else zmq.DEALER))
    if way == "forwarded":
        socket.setsockopt(zmq.IDENTITY, b"sink")
    socket.connect(f"ipc://{runtime}/{way}")
    if way == "forwarded":
        socket.send(b"")
        socket.recv()  # it is known now
    yield 0
    while True:
        sent, _ = socket.recv_multipart()
        yield time.monotonic_ns() - int.from_bytes(sent, "big")


def main() -> None:
    """Run one of the processes of a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=("sink", "forward"))
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("runtime", type=Path)
    parser.add_argument("frames", type=int, nargs="?", default=0)
    parser.add_argument("burst", type=int, nargs="?", default=0)
    given = parser.parse_args()
    if given.role == "forward":
        _forward(given.runtime)
    else:
        _take(given.way, given.runtime, given.frames, given.burst)


if __name__ == "__main__":
    main()
