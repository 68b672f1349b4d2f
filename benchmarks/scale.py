"""Many recordings in; throughput against workers and cores, latency against sessions out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Final

from benchmarks import scale_daemon, scale_encoder
from benchmarks.figures import Figures, lines_of
from benchmarks.scale_sound import spoken
from config.load import load_settings

_PARTS: Final = ("encoder", "throughput", "latency")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; return 1 where a turn was lost."""
    parser = argparse.ArgumentParser(prog="bench scale", description=__doc__)
    parser.add_argument("--only", default=",".join(_PARTS), help="of: " + ", ".join(_PARTS))
    parser.add_argument("--sessions", type=int, default=8, help="rooms that speak at once, at most")
    parser.add_argument("--model", default="whisper-base", help="of the encoder that is alone")
    parser.add_argument("--rounds", type=int, default=4, help="times that an encoder hears all")
    parser.add_argument("--tries", type=int, default=3, help="measurements of the encoder, paired")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    parts = arguments.only.split(",")
    if unknown := set(parts) - set(_PARTS):
        parser.error(f"--only {', '.join(sorted(unknown))}: choose from {', '.join(_PARTS)}")
    utterances = spoken(load_settings("tiny"))
    figures: Figures = {}
    if "encoder" in parts:
        figures["encoder"] = scale_encoder.measure(
            arguments.model, utterances, arguments.rounds, arguments.tries
        )
    if "throughput" in parts:
        figures["throughput"] = scale_daemon.throughput(utterances, min(4, arguments.sessions))
    if "latency" in parts:
        figures["latency"] = scale_daemon.latency(utterances, arguments.sessions)
    print(json.dumps(figures) if arguments.json else "\n".join(lines_of(figures)))
    rows = [row for part in parts if part != "encoder" for row in figures[part].values()]
    return 1 if any(row["lost"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
