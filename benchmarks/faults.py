"""Faults done to the running daemon in, a table of what they cost out.

Each section does one kind of fault with real signals, real files and real sockets. What counts
is what a user would notice: whether every turn was answered, whether anything was said twice or
left out, and how much later it came. `docs/reliability.md` says what is promised.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.fault_house import VICTIMS, Scene
from benchmarks.figures import Figures, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SECTIONS: Final = (
    "kill", "stop", "slow", "leak", "garbage",
    "disk", "storm", "supervisor", "offline", "privacy", "remember", "expert",
)  # fmt: skip
"""Each is a module `fault_NAME`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do faults and print what they cost; return 0 if every promise was kept."""
    arguments = _parser().parse_args(argv)
    sections = arguments.only.split(",") if arguments.only else list(SECTIONS)
    for name in sections:
        if name not in SECTIONS:
            sys.stderr.write(f"--only {name}: there are {', '.join(SECTIONS)}\n")
            return 2
    figures: Figures = {}
    with _folder(arguments.keep) as folder:
        for name in sections:
            sys.stderr.write(f"{name} ...\n")
            section = importlib.import_module(f"benchmarks.fault_{name}")
            figures[name] = section.measure(_scene(arguments, folder / name))
            if not arguments.json:
                sys.stdout.write("\n".join(lines_of({name: figures[name]})) + "\n")
                sys.stdout.flush()
    if arguments.json:
        sys.stdout.write(f"{json.dumps(figures)}\n")
    return 0 if all(row["ok"] for rows in figures.values() for row in rows.values()) else 1


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        yield Path(folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench faults", description=__doc__)
    parser.add_argument("--only", metavar="A,B", help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--victim", action="append", choices=VICTIMS, help="default: all")
    parser.add_argument(
        "--rounds",
        type=int,
        help="default: 3; 10 for garbage, 20 for kill, 100 for remember",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", default="tiny")
    parser.add_argument("--set", action="append", default=[], metavar="K=V", help="a setting")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="rooms and logs stay there")
    parser.add_argument("--json", action="store_true")
    return parser


def _scene(arguments: argparse.Namespace, folder: Path) -> Scene:
    usual_rounds = {"kill": 20, "garbage": 10, "remember": 100}.get(folder.name, 3)
    return Scene(
        folder,
        arguments.profile,
        arguments.rounds or usual_rounds,
        arguments.seed,
        tuple(arguments.set),
        tuple(arguments.victim or VICTIMS),
    )


if __name__ == "__main__":
    sys.exit(main())
