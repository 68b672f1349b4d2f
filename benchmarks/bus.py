"""Bus benchmark: frames of 20 ms of sound in, one-way latency and throughput out.

The same bytes go once through the hub (capture to encoder, frame log included) and once through
a plain PUSH/PULL pair, in the same run, so that the figures share the machine's mood.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import zmq

from bus.frames import AudioChunk, Closed, SpeechStarted
from bus.line import SupervisorLine
from bus.port import Port
from config.load import load_settings, settings_to_json
from config.settings import Settings

_PCM = os.urandom(640)
_WARM_UP = 200
_PACE_S = 0.002


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="bench bus", description=__doc__)
    parser.add_argument("--frames", type=int, default=2_000, help="frames sent one by one")
    parser.add_argument("--burst", type=int, default=20_000, help="frames sent at once")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sink", choices=("hub", "direct"), help=argparse.SUPPRESS)
    parser.add_argument("--runtime", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.sink:
        _sink(arguments.sink, arguments.runtime, arguments.frames, arguments.burst)
        return 0
    settings = load_settings("tiny")
    with tempfile.TemporaryDirectory(prefix="sarai-") as folder:
        runtime = Path(folder)
        (runtime / "settings.json").write_bytes(settings_to_json(settings))
        rows = {
            "direct": _direct(runtime, arguments.frames, arguments.burst),
            "hub": _through_hub(runtime, settings, arguments.frames, arguments.burst),
        }
    _show(rows, as_json=arguments.json)
    return 0


def _show(rows: dict[str, dict[str, float]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(rows))
        return
    print("640-byte frames, one way        p50 µs    p99 µs    frames/s")
    for name, row in rows.items():
        print(f"{name:<28}{row['p50_us']:>10.0f}{row['p99_us']:>10.0f}{row['per_s']:>12.0f}")


def _through_hub(runtime: Path, settings: Settings, frames: int, burst: int) -> dict[str, float]:
    line = SupervisorLine(runtime)
    try:
        with _process("-m", "bus.hub", "--runtime", str(runtime)) as hub:
            while line.receive(10_000) is None:
                raise RuntimeError("the hub did not start")
            with _sink_process("hub", runtime, frames, burst) as sink:
                port = Port(runtime, "capture", 0, 1, settings.bus)
                port.open()
                port.ready()
                _wait_for_sink(sink)
                _speak(port, frames, burst)
                row = _result(sink)
                port.close()
            hub.terminate()
    finally:
        line.close()
    return row


def _speak(port: Port, frames: int, burst: int) -> None:
    """Send the frames; their sample index is the time at which each was sent."""
    for turn, (count, pace_s) in enumerate(((frames, _PACE_S), (burst, 0.0)), start=1):
        port.send(SpeechStarted(session="bench", turn=turn, sample=0))
        for _ in range(count):
            now = time.monotonic_ns()
            port.send(AudioChunk(session="bench", turn=turn, first_sample=now, pcm=_PCM))
            if pace_s:
                time.sleep(pace_s)


def _direct(runtime: Path, frames: int, burst: int) -> dict[str, float]:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    push = context.socket(zmq.PUSH)
    push.setsockopt(zmq.LINGER, 0)
    push.setsockopt(zmq.SNDHWM, 0)
    push.bind(f"ipc://{runtime}/direct")
    with _sink_process("direct", runtime, frames, burst) as sink:
        _wait_for_sink(sink)
        for count, pace_s in ((frames, _PACE_S), (burst, 0.0)):
            for _ in range(count):
                push.send_multipart([time.monotonic_ns().to_bytes(8, "big"), _PCM])
                if pace_s:
                    time.sleep(pace_s)
        row = _result(sink)
    push.close()
    context.term()
    return row


def _sink(kind: str, runtime: Path, frames: int, burst: int) -> None:
    """Receive everything, then print the figures as JSON; runs in a process of its own."""
    arrivals = _hub_arrivals(runtime) if kind == "hub" else _direct_arrivals(runtime)
    next(arrivals)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    latencies_us = sorted([next(arrivals) / 1e3 for _ in range(frames)][_WARM_UP:])
    next(arrivals)
    began_ns = time.monotonic_ns()
    for _ in range(burst - 1):
        next(arrivals)
    seconds = (time.monotonic_ns() - began_ns) / 1e9
    row = {
        "p50_us": statistics.median(latencies_us),
        "p99_us": latencies_us[int(len(latencies_us) * 0.99)],
        "per_s": (burst - 1) / seconds,
    }
    sys.stdout.write(json.dumps(row) + "\n")


def _hub_arrivals(runtime: Path) -> Iterator[int]:
    """Yield once when ready, then the age in ns of each frame that arrives."""
    port = Port(runtime, "encoder", 0, 1, load_settings("tiny").bus)
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


def _direct_arrivals(runtime: Path) -> Iterator[int]:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    pull = context.socket(zmq.PULL)
    pull.setsockopt(zmq.RCVHWM, 0)
    pull.connect(f"ipc://{runtime}/direct")
    yield 0
    while True:
        sent, _ = pull.recv_multipart()
        yield time.monotonic_ns() - int.from_bytes(sent, "big")


@contextmanager
def _process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def _sink_process(
    kind: str, runtime: Path, frames: int, burst: int
) -> Iterator[subprocess.Popen[str]]:
    with _process(
        "-m", "benchmarks.bus", "--sink", kind, "--runtime", str(runtime),
        "--frames", str(frames), "--burst", str(burst),
    ) as process:  # fmt: skip
        yield process


def _wait_for_sink(sink: subprocess.Popen[str]) -> None:
    if _line(sink) != "ready":
        raise RuntimeError("the sink did not start")


def _result(sink: subprocess.Popen[str]) -> dict[str, float]:
    row: dict[str, float] = json.loads(_line(sink))
    return row


def _line(process: subprocess.Popen[str]) -> str:
    if process.stdout is None:
        raise RuntimeError("the process was started without a pipe")
    return process.stdout.readline().strip()


if __name__ == "__main__":
    sys.exit(main())
