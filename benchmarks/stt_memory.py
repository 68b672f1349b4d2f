"""Nothing but the speech recogniser in a process: its memory out, as JSON in MB (PSS)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from config.load import load_settings
from models.transcribers import open_transcriber

_KB_PER_MB: Final = 1_024
_RATE: Final = 16_000


def pss_mb() -> float:
    """Return this process's proportional set size in MB."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / _KB_PER_MB
    raise OSError("/proc/self/smaps_rollup has no line Pss")


def main() -> None:
    """Load, transcribe made-up sound of 3, 8 and 28 s, and report."""
    figures = {}
    transcriber = open_transcriber(load_settings(sys.argv[1]))
    figures["loaded_mb"] = pss_mb()
    draw = np.random.default_rng(1)
    for seconds in (3, 8, 28):
        most = 0.0
        samples = (0.05 * draw.standard_normal(seconds * _RATE)).astype(np.float32)
        for _ in transcriber.transcribe(samples):
            most = max(most, pss_mb())
        figures[f"at_work_{seconds}_s_mb"] = most
        figures[f"after_{seconds}_s_mb"] = pss_mb()
    sys.stdout.write(msgspec.json.encode(figures).decode())


if __name__ == "__main__":
    main()
