"""Bus benchmark: frames of 20 ms of sound in; latency, throughput and the hub's share of CPU out.

The same bytes go through the hub and over plain sockets in the same run, so that the figures
share the machine's mood.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.bus_turn import hub_share
from benchmarks.bus_ways import WAYS, measure
from benchmarks.figures import Figures, lines_of
from config.load import load_settings, settings_to_json

_RECORDING: Final = Path(__file__).parent.parent / "tests" / "recordings" / "question_en.wav"
_MEMORY: Final = Path("/dev/shm")  # noqa: S108
_MODELS_AT_WORK: Final = """
import sys
import numpy as np
from config.load import load_settings
from models.transcribers import open_transcriber
engine = open_transcriber(load_settings("tiny"))
print("ready", flush=True)
noise = (0.05 * np.random.default_rng(1).standard_normal(6 * 16_000)).astype(np.float32)
while True:
    for _ in engine.transcribe(noise):
        pass
"""
"""As many threads as the recogniser is given: on two cores, all."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="bench bus", description=__doc__)
    parser.add_argument("--frames", type=int, default=2_000, help="frames sent one by one")
    parser.add_argument("--burst", type=int, default=20_000, help="frames sent at once")
    parser.add_argument("--turns", type=int, default=2, help="live turns; 0: none")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    if _MEMORY.is_dir():  # the runtime folder lies in memory where there is a login
        os.environ.setdefault("XDG_RUNTIME_DIR", str(_MEMORY))
    figures: Figures = {
        "idle": _over_all_ways(arguments.frames, arguments.burst),
    }
    with _models_at_work():
        figures["beside_models"] = _over_all_ways(arguments.frames, 0)
    hub, forwarded = figures["idle"]["hub"], figures["idle"]["forwarded"]
    figures["hub_to_forwarded"] = {
        "p50": hub["p50_us"] / forwarded["p50_us"],
        "per_s": hub["per_s"] / forwarded["per_s"],
    }
    if arguments.turns:
        figures["live_turn"] = hub_share(_RECORDING, arguments.turns)
    print(json.dumps(figures) if arguments.json else "\n".join(lines_of(figures)))
    return 0


def _over_all_ways(frames: int, burst: int) -> Figures:
    rows: Figures = {}
    for way in WAYS:
        with tempfile.TemporaryDirectory(
            prefix="sarai-", dir=os.environ.get("XDG_RUNTIME_DIR")
        ) as folder:
            runtime = Path(folder)
            (runtime / "settings.json").write_bytes(settings_to_json(load_settings("tiny")))
            rows[way] = measure(way, runtime, frames, burst)
    return rows


@contextmanager
def _models_at_work() -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", _MODELS_AT_WORK], stdout=subprocess.PIPE
    ) as process:
        try:
            if process.stdout is not None:
                process.stdout.readline()
            yield
        finally:
            process.kill()


if __name__ == "__main__":
    sys.exit(main())
