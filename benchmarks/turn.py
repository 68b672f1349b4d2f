"""Recordings in real time through the whole daemon; how soon it answers, and what it takes, out.

Voice to voice is measured from the sound alone: from the marked end of the last word
(`turn_recordings.json`) to the first sound in the recording of the room, whose words are written
down to prove that they are the answer's. The thinker has LFM2-1.2B's exact shape with random
weights, and a script forces a given answer through its real forward passes; where the Spanish
voice is not in the cache, a second copy of the English one stands in for it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from benchmarks import turn_barge_in, turn_bursts, turn_busy, turn_cutoffs, turn_equality, turn_gaps
from benchmarks.figures import Figures, lines_of
from benchmarks.scenes import WrongRecording
from benchmarks.turn_figures import details, figures_of
from benchmarks.turn_latency import Bench, measure
from benchmarks.turn_waterfall import picture

_Section: TypeAlias = Callable[[Bench, argparse.Namespace], Figures]

_TURNS: Final = 40
_HEADING: Final = (
    "LFM2-1.2B's shape, random weights, scripted answers; stand-in for the Spanish voice"
)


def _latency(bench: Bench, options: argparse.Namespace) -> Figures:
    blocks = measure(bench, options.turns or _TURNS, options.peer_turns)
    if options.details:
        options.details.write_text(json.dumps(details(blocks), indent=1), encoding="utf-8")
    if options.picture:
        picture(blocks, options.picture)
    return figures_of(blocks)


def _section(measure: Callable[[Bench, int], Figures], turns: int) -> _Section:
    """Return a section that takes `turns` recordings where nothing else is asked for."""
    return lambda bench, options: measure(bench, options.turns or turns)


_SECTIONS: Final[dict[str, _Section]] = {
    "latency": _latency,
    "cutoffs": _section(turn_cutoffs.measure, 200),
    "gaps": _section(turn_gaps.measure, 20),
    "barge-in": _section(turn_barge_in.measure, 52),
    "bursts": _section(turn_bursts.measure, 40),
    "busy": _section(turn_busy.measure, 20),
    "equality": _section(turn_equality.measure, 20),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    options = _parser().parse_args(argv)
    figures: Figures = {}
    try:
        with tempfile.TemporaryDirectory(prefix="bench-turn-") as folder:
            bench = Bench(options.data, Path(folder), tuple(options.set))
            for name in options.only or ["latency"]:
                heading = {} if name in ("cutoffs", "equality") else {"measured_with": _HEADING}
                figures[name] = {**heading, **_SECTIONS[name](bench, options)}
    except WrongRecording as failure:
        sys.stderr.write(f"{failure}\n")
        return 2
    if options.json:
        print(json.dumps(figures))
    else:
        print("\n".join(lines_of(figures)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench turn", description=__doc__)
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("../shared/data"),
        metavar="DIR",
        help="where it is missing, the shipped ones are asked",
    )
    parser.add_argument("--only", action="append", choices=_SECTIONS, help="default: latency")
    parser.add_argument(
        "--turns", type=int, metavar="N", help="default: 40, or what the section needs"
    )
    parser.add_argument(
        "--peer-turns", type=int, default=16, metavar="N",
        help="how many of them the sequential pipelines answer too; 0: they are left out",
    )  # fmt: skip
    parser.add_argument("--set", action="append", default=[], metavar="K=V", help="a setting")
    parser.add_argument("--details", type=Path, metavar="FILE", help="every answer, as JSON")
    parser.add_argument(
        "--picture", type=Path, metavar="PATH",
        help="where the waterfall of a typical turn goes, .svg and .png; default: none is drawn",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
