"""The command line: arguments in, the daemon or one of its tools run, an exit code out.

Exit codes: 0 all well; 1 a turn was not answered; 2 bad usage or input; 3 a model is missing;
130 after Ctrl-C.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from typing import TYPE_CHECKING, Final

from config.command_line import read_command_line
from config.load import AUTO, ConfigError, load_settings
from config.logs import log
from config.session import Session
from models.auto_profile import choose_profile, present_profile
from models.catalogue import needed_models
from models.errors import ModelError, UnknownModel
from models.store import open_store

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from config.settings import Settings
    from models.store import ModelStore

INTERRUPTED: Final = 130
UNHEARD: Final = 141
"""128 + SIGPIPE, as shells report it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    arguments = read_command_line(argv)
    try:
        return COMMANDS[arguments.command](arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our lines has gone; nothing more can be said, not even while ending.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNHEARD
    except (ConfigError, UnknownModel) as failure:
        return _refuse(failure, 2)
    except ModelError as failure:
        return _refuse(failure, 3)


def _ask(arguments: argparse.Namespace) -> int:
    session = Session(
        recordings=tuple(str(path.resolve()) for path in arguments.recordings),
        realtime=arguments.realtime,
        room=str(arguments.out.resolve()) if arguments.out else "",
        record=str(arguments.record.resolve()) if arguments.record else "",
    )
    return _listen(arguments, session, "daemon.log_level=error")


def _run(arguments: argparse.Namespace) -> int:
    if (arguments.source is None) != (arguments.sink is None):
        return _refuse("run: --source and --sink go together; give both or neither", 2)
    session = Session(
        recordings=(str(arguments.source.resolve()),) if arguments.source else (),
        realtime=True,
        room=str(arguments.sink.resolve()) if arguments.sink else "",
        lasting=True,
    )
    return _listen(arguments, session)


def _listen(arguments: argparse.Namespace, session: Session, *extra: str) -> int:
    from supervisor.ask import listen  # noqa: PLC0415 - `models` and `doctor` need no bus
    from supervisor.errors import DaemonFailed  # noqa: PLC0415

    as_json = getattr(arguments, "json", False)
    profile = arguments.profile
    if profile == AUTO:
        choice = present_profile(open_store(), lambda name: _settings(arguments, name))
        profile = choice.profile
        if not as_json:
            sys.stdout.write(f"{choice.reason}\n")
    settings = _settings(arguments, profile, *extra)
    log.configure(settings.daemon.log_level)
    try:
        # A daemon's output may end in a journal: words are for who sits before the terminal.
        words = arguments.command == "ask" or sys.stdout.isatty()
        return listen(settings, session, as_json=as_json, words=words)
    except DaemonFailed as failure:
        return _refuse(failure, failure.exit_code)


def _replay(arguments: argparse.Namespace) -> int:
    from bus.errors import BusError  # noqa: PLC0415 - `models` and `doctor` need no bus
    from stages.replaying import dump, replay  # noqa: PLC0415

    try:
        if arguments.dump:
            return dump(arguments.log, _say)
        return replay(
            arguments.log,
            tuple(arguments.stage),
            check=arguments.check,
            speed=arguments.speed,
            write=_say,
            tolerance=arguments.tolerance,
        )
    except BusError as failure:
        return _refuse(failure, 2)


def _models(arguments: argparse.Namespace) -> int:
    from models.commands import list_models, verify_models  # noqa: PLC0415

    store = open_store()
    if arguments.what == "list":
        return list_models(store, _say)
    if arguments.what == "verify":
        return verify_models(store, arguments.names, _say, _complain)
    return _fetch(arguments, store)


def _fetch(arguments: argparse.Namespace, store: ModelStore) -> int:
    from models.commands import fetch_models  # noqa: PLC0415 - not for who only runs
    from models.preparation import fetch_recogniser, prepare_models  # noqa: PLC0415
    from models.progress import progress_on  # noqa: PLC0415

    profile = arguments.profile
    if profile == AUTO:
        choice = choose_profile(store, lambda name: _settings(arguments, name))
        profile = choice.profile
        if not arguments.names:
            _say(choice.reason)
    settings = _settings(arguments, profile)
    names = arguments.names
    if not names:
        fetch_recogniser(settings.encoder, store, _say)
        names = needed_models(settings, store.catalogue)
    exit_code = fetch_models(store, names, progress_on(sys.stderr), _say, _complain)
    if exit_code == 0:
        prepare_models(settings, store, names, _say)
    return exit_code


def _memory(arguments: argparse.Namespace) -> int:
    from models.notes import commands  # noqa: PLC0415 - SQLite and ONNX are for who needs them
    from models.notes.errors import NotesError  # noqa: PLC0415

    # Shipped profiles do not differ in [memory].
    profile = "default" if arguments.profile == AUTO else arguments.profile
    settings = _settings(arguments, profile)
    try:
        if arguments.command == "remember":
            return commands.remember(settings, arguments.paths, arguments.text, _say, _complain)
        if arguments.command == "recall":
            return commands.recall(settings, " ".join(arguments.text), _say)
        return commands.forget(settings, arguments.names, _say)
    except NotesError as failure:
        return _refuse(failure, 2)


def _doctor(arguments: argparse.Namespace) -> int:
    from stages.doctor import examine  # noqa: PLC0415 - looks at sound cards

    profile = arguments.profile
    if profile == AUTO:
        profile = choose_profile(open_store(), lambda name: _settings(arguments, name)).profile
    return examine(_settings(arguments, profile), profile, open_store(), _say)


def _bench(arguments: argparse.Namespace) -> int:
    try:
        bench = importlib.import_module(f"benchmarks.{arguments.what}")
    except ModuleNotFoundError as failure:
        return _refuse(f"bench: {failure.name} is not installed; run: make setup-dev", 2)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        # What this home remembers is no part of a measurement.
        os.environ["SARAI_DATA"] = folder
        return int(bench.main(arguments.rest))


def _settings(arguments: argparse.Namespace, profile: str, *extra: str) -> Settings:
    return load_settings(profile, arguments.config, [*extra, *arguments.set])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _refuse(reason: Exception | str, exit_code: int) -> int:
    _complain(str(reason))
    return exit_code


COMMANDS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "run": _run,
    "ask": _ask,
    "replay": _replay,
    "models": _models,
    "remember": _memory,
    "recall": _memory,
    "forget": _memory,
    "doctor": _doctor,
    "bench": _bench,
}
"""By the names that config/command_line.py gives them."""


if __name__ == "__main__":
    sys.exit(main())
