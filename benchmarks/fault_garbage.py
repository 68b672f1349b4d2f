"""Malformed messages by the million in; what the hub holds, and what frames wait for it, out."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks.fault_flood import SINK
from benchmarks.fault_house import ROOT, Scene
from benchmarks.figures import Figures
from bus.frames import AudioChunk, SpeechStarted
from bus.line import SupervisorLine
from bus.port import Port
from config.load import load_settings, settings_to_json
from supervisor.memory import pss_mb

_MESSAGES_A_ROUND: Final = 100_000
_WARM_UP: Final = 20_000
_PROBES: Final = 500
_PACE_S: Final = 0.002
_PCM: Final = bytes(640)
_MOST_GROWTH_MB: Final = 5.0
_KEPT_MB: Final = 0.002
"""What an open turn keeps of a frame that is sent to time the hub."""
_MOST_P99_MS: Final = 10.0
"""What the bus promises while models run."""


def measure(scene: Scene) -> Figures:
    """Flood a hub as a stranger and as a worker that it knows; time frames before and meanwhile.

    `elsewhere`: the same flood goes past the hub, to a process that throws it away. So long do
    frames wait because it takes one of the machine's cores, whoever it is meant for.
    """
    scene.folder.mkdir(parents=True, exist_ok=True)
    return {kind: _flooded(scene, kind) for kind in ("elsewhere", "stranger", "known")}


def _flooded(scene: Scene, kind: str) -> Figures:
    settings = load_settings(scene.profile, None, list(scene.settings))
    runtime = scene.folder / kind
    runtime.mkdir(mode=0o700)
    (runtime / "settings.json").write_bytes(settings_to_json(settings))
    count = scene.rounds * _MESSAGES_A_ROUND
    with ExitStack() as opened:
        line = SupervisorLine(runtime, settings.bus)
        opened.callback(line.close)
        hub = _process(opened, "bus.hub", "--runtime", str(runtime))
        while line.receive(20_000) is None:
            raise RuntimeError("the hub did not start")
        probe = _Probe(opened, runtime)
        before_ms = probe.waits_ms(lambda: False, _PROBES)
        target = _elsewhere(opened, runtime) if kind == "elsewhere" else runtime
        # The first line of a log loads what writes it, and queues have their size: once.
        _process(opened, "benchmarks.fault_flood", str(target), kind, str(_WARM_UP)).wait()
        before_mb = pss_mb(hub.pid) or 0.0
        began_s = time.monotonic()
        flood = _process(opened, "benchmarks.fault_flood", str(target), kind, str(count))
        during_ms = probe.waits_ms(lambda: flood.poll() is not None, count)
        took_s = time.monotonic() - began_s
        after_ms = probe.waits_ms(lambda: False, _PROBES)
        grown_mb = (pss_mb(hub.pid) or 0.0) - before_mb
        alive = hub.poll() is None
    p99s_ms = {"before": before_ms, "meanwhile": during_ms, "after": after_ms}
    return {
        "messages": count if flood.returncode == 0 else 0,
        "per_s": round(count / took_s),
        "hub_lives": alive,
        "grown_mb": round(grown_mb, 1),
        **{f"p50_us_{when}": round(_part(waits, 0.5) * 1000) for when, waits in p99s_ms.items()},
        **{f"p99_us_{when}": round(_part(waits, 0.99) * 1000) for when, waits in p99s_ms.items()},
        "ok": alive
        and flood.returncode == 0
        and grown_mb <= _MOST_GROWTH_MB + len(during_ms) * _KEPT_MB
        and _part(during_ms, 0.99) <= _MOST_P99_MS,
    }


class _Probe:
    """Sends a frame as capture and waits for it as the encoder, again and again."""

    def __init__(self, opened: ExitStack, runtime: Path) -> None:
        bus = load_settings("tiny").bus
        self._capture = Port(runtime, "capture", 0, 1, bus)
        self._encoder = Port(runtime, "encoder", 0, 1, bus)
        for port in (self._capture, self._encoder):
            port.open()
            opened.callback(port.close)
            port.ready()
        self._capture.send(SpeechStarted(session="home", turn=1, sample=0))
        self._sent = 0

    def waits_ms(self, is_over: Callable[[], bool], most: int) -> list[float]:
        """Return how long each frame took."""
        waits_ms: list[float] = []
        while len(waits_ms) < most and not is_over():
            began_s = time.monotonic()
            self._sent += 1
            self._capture.send(
                AudioChunk(session="home", turn=1, first_sample=self._sent, pcm=_PCM)
            )
            self._wait_for(self._sent)
            waits_ms.append((time.monotonic() - began_s) * 1000)
            time.sleep(_PACE_S)
        return waits_ms

    def _wait_for(self, first_sample: int) -> None:
        until_s = time.monotonic() + 10
        while time.monotonic() < until_s:
            self._encoder.wait(100)
            while self._encoder.control() is not None:
                continue
            while (frame := self._encoder.data()) is not None:
                if isinstance(frame, AudioChunk) and frame.first_sample == first_sample:
                    return
        raise RuntimeError("a frame was lost in the flood")


def _elsewhere(opened: ExitStack, runtime: Path) -> Path:
    """Return a folder in which somebody takes what the hub is to be spared."""
    beside = runtime / "beside"
    beside.mkdir(mode=0o700)
    _process(opened, "benchmarks.fault_flood", str(beside), SINK, "0")
    return beside


def _process(opened: ExitStack, module: str, *arguments: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    opened.callback(process.wait)
    opened.callback(process.kill)
    return process


def _part(waits_ms: list[float], share: float) -> float:
    return sorted(waits_ms)[int(len(waits_ms) * share)] if waits_ms else float("inf")
