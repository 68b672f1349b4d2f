"""The command line: arguments in, the daemon or one of its tools run, an exit code out.

Exit codes: 0 all well; 1 a turn was not answered; 2 bad usage or input; 3 a model is missing;
130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from config.load import ConfigError, load_settings
from config.logs import configure_logging
from config.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.settings import Settings

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
    except ConfigError as failure:
        return _refuse(failure, 2)


def _refuse(failure: Exception, exit_code: int) -> int:
    sys.stderr.write(f"{failure}\n")
    return exit_code


def _settings(arguments: argparse.Namespace, *extra: str) -> Settings:
    return load_settings(arguments.profile, arguments.config, [*extra, *arguments.set])


def _ask(arguments: argparse.Namespace) -> int:
    session = Session(
        recordings=tuple(str(path.resolve()) for path in arguments.recordings),
        realtime=arguments.realtime,
        room=str(arguments.out.resolve()) if arguments.out else "",
    )
    return _listen(arguments, session, "daemon.log_level=error")


def _run(arguments: argparse.Namespace) -> int:
    if (arguments.source is None) != (arguments.sink is None):
        sys.stderr.write("run: --source and --sink go together; give both or neither\n")
        return 2
    session = Session(
        recordings=(str(arguments.source.resolve()),) if arguments.source else (),
        realtime=True,
        room=str(arguments.sink.resolve()) if arguments.sink else "",
    )
    return _listen(arguments, session)


def _listen(arguments: argparse.Namespace, session: Session, *extra: str) -> int:
    from supervisor.ask import listen  # noqa: PLC0415 - `models` and `doctor` need no bus
    from supervisor.errors import DaemonFailed  # noqa: PLC0415

    settings = _settings(arguments, *extra)
    configure_logging(settings.daemon.log_level)
    try:
        return listen(settings, session, as_json=getattr(arguments, "json", False))
    except DaemonFailed as failure:
        return _refuse(failure, failure.exit_code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run_pipeline.py",
        description="A voice assistant for the home: speak, and it answers aloud, offline.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = _shared_options()

    run = commands.add_parser("run", parents=[shared], help="listen and answer until stopped")
    run.add_argument("--source", type=Path, metavar="WAV", help="hear this instead of a microphone")
    run.add_argument("--sink", type=Path, metavar="WAV", help="speak into this file")
    run.set_defaults(command=_run)

    ask = commands.add_parser("ask", parents=[shared], help="answer recordings")
    ask.add_argument("recordings", nargs="+", type=Path, metavar="IN.wav")
    ask.add_argument("--out", type=Path, metavar="ROOM.wav", help="what the room would hear")
    ask.add_argument("--realtime", action="store_true", help="at the speed of the wall clock")
    ask.add_argument("--json", action="store_true", help="one JSON object on stdout")
    ask.set_defaults(command=_ask)
    return parser


def _shared_options() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--profile", default="auto", metavar="P")
    shared.add_argument("--config", type=Path, metavar="F", help="your own settings file")
    shared.add_argument(
        "--set", action="append", default=[], metavar="K=V", help="one setting: talker.speed=1.1"
    )
    return shared


if __name__ == "__main__":
    sys.exit(main())
