"""The grammar of the command line: words in, the name of a command and its options out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from config.load import AUTO

if TYPE_CHECKING:
    from collections.abc import Sequence

    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - its only name

REPLAYED: Final = ("capture", "encoder", "thinker", "talker", "playback")
"""Stages that can be run again: all of bus.routes."""

BENCHES: Final = (
    "stt",
    "thinker",
    "tts",
    "turn",
    "bus",
    "endpointing",
    "idle",
    "faults",
    "scale",
    "soak",
    "turn_head",
    "emotion",
    "grounded",
    "replay",
    "retrieval",
    "router",
    "router_train",
)
"""Modules of benchmarks/."""


def read_command_line(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options; `command` is the command's name, others are as the command has them.

    argv: None for the program's own. Ends the program with exit code 2 and a line where they
    are wrong, with 0 for --help.
    """
    parser = argparse.ArgumentParser(
        prog="run_pipeline.py",
        description="A voice assistant for the home: speak, and it answers aloud, offline.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shared = _shared_options()
    _add_run(commands, shared)
    _add_ask(commands, shared)
    _add_replay(commands)
    _add_models(commands, shared)
    _add_memory(commands, shared)
    commands.add_parser("doctor", parents=[shared], help="say what is amiss here")
    _add_bench(commands)
    return parser.parse_args(argv)


def _add_run(commands: Commands, shared: argparse.ArgumentParser) -> None:
    run = commands.add_parser("run", parents=[shared], help="listen and answer until stopped")
    run.add_argument("--source", type=Path, metavar="WAV", help="hear this, not a microphone")
    run.add_argument("--sink", type=Path, metavar="WAV", help="speak into this file")


def _add_ask(commands: Commands, shared: argparse.ArgumentParser) -> None:
    ask = commands.add_parser("ask", parents=[shared], help="answer recordings")
    ask.add_argument("recordings", nargs="+", type=Path, metavar="IN.wav")
    ask.add_argument("--out", type=Path, metavar="ROOM.wav", help="what the room would hear")
    ask.add_argument("--realtime", action="store_true", help="at the speed of the wall clock")
    ask.add_argument("--json", action="store_true", help="one JSON object on stdout")
    ask.add_argument("--record", type=Path, metavar="LOG", help="keep all frames, for replay")


def _add_replay(commands: Commands) -> None:
    replay = commands.add_parser("replay", help="run stages again on what was recorded")
    replay.add_argument("log", type=Path, metavar="LOG")
    replay.add_argument(
        "--stage", action="append", default=[], choices=REPLAYED, help="default: all in a row"
    )
    replay.add_argument("--check", action="store_true", help="exit with 1 where it differs")
    replay.add_argument(
        "--tolerance", action="store_true", help="with --check: what another machine may change"
    )
    replay.add_argument("--speed", type=_speed, metavar="X", help="1: as it was spoken")
    replay.add_argument("--dump", action="store_true", help="a line for each frame, no words")


def _add_models(commands: Commands, shared: argparse.ArgumentParser) -> None:
    models = commands.add_parser("models", parents=[shared], help="list, fetch or verify models")
    models.add_argument("what", choices=("list", "fetch", "verify"))
    models.add_argument("names", nargs="*", metavar="MODEL")


def _add_memory(commands: Commands, shared: argparse.ArgumentParser) -> None:
    remember = commands.add_parser("remember", parents=[shared], help="keep documents and facts")
    remember.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="txt, md, pdf, html")
    remember.add_argument(
        "--text", action="append", default=[], metavar="FACT", help="in quotes; may come again"
    )
    recall = commands.add_parser("recall", parents=[shared], help="what is known about something")
    recall.add_argument("text", nargs="+", metavar="TEXT")
    forget = commands.add_parser("forget", parents=[shared], help="delete what is known")
    forget.add_argument(
        "names", nargs="+", metavar="ID", help="number that recall shows, or a document's name"
    )


def _add_bench(commands: Commands) -> None:
    bench = commands.add_parser("bench", help="measure", add_help=False)
    bench.add_argument("what", choices=BENCHES)
    bench.add_argument("rest", nargs=argparse.REMAINDER, metavar="OPTION")


def _shared_options() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--profile", default=AUTO, metavar="P", help="default: auto")
    shared.add_argument("--config", type=Path, metavar="F", help="your own settings file")
    shared.add_argument(
        "--set", action="append", default=[], metavar="K=V", help="one setting: talker.speed=1.1"
    )
    return shared


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed < float("inf"):
        raise ValueError(text)
    return speed
