"""CATALOGUE ROOT COMMAND [MODEL ...] in, what `models COMMAND` prints and its exit code out.

A process of its own, so that tests can kill it and can point its clients elsewhere.
"""

from __future__ import annotations

import sys
from pathlib import Path

from config.load import load_settings
from models.auto_profile import choose_profile
from models.catalogue import load_catalogue
from models.commands import fetch_models, list_models, verify_models
from models.progress import progress_on
from models.store import ModelStore


def main() -> int:
    """Run one command of `models`, or the choice of a profile."""
    catalogue, root, command, *models = sys.argv[1:]
    store = ModelStore(Path(root), load_catalogue(Path(catalogue)))
    match command:
        case "fetch":
            return fetch_models(store, models, progress_on(sys.stderr), print, _complain)
        case "verify":
            return verify_models(store, models, print, _complain)
        case "list":
            return list_models(store, print)
        case _:
            sys.stdout.write(choose_profile(store, load_settings).reason)
            return 0


def _complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
