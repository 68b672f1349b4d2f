"""A preparation of model files, run in a process of its own: what it takes is given back.

Both ends of it: `prepare_apart` starts `python -m models.X_prepare FILE… FOLDER` and waits, and
that module's `main` is `preparation`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from models.errors import EngineFailed, ModelError
from models.mortal import dying_with_us

_PROJECT: Final = Path(__file__).resolve().parent.parent


def prepare_apart(
    module: str, *arguments: str | Path, advance: Callable[[int], None] | None = None
) -> None:
    """Run `module` of ours with `arguments`; on leaving, by an exception too, it is over.

    It dies with this process, also when that is killed: its successor starts another, and memory
    is for one.
    advance: called with each number that the module writes on stdout.
    Raises EngineFailed with the last line that it wrote on stderr when it does not end well.
    """
    command = [*dying_with_us(), sys.executable, "-m", module, *map(str, arguments)]
    with (
        TemporaryFile("w+") as errors,
        subprocess.Popen(
            command, cwd=_PROJECT, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                if advance is not None:
                    advance(int(line))
            code = process.wait()
        finally:
            process.kill()
        if code:
            errors.seek(0)
            lines = errors.read().strip().splitlines() or [f"exit code {code}"]
            raise EngineFailed(lines[-1])


def preparation(prepare: Callable[[], None]) -> int:
    """Prepare; return an exit code, 3 with one line on stderr for files that do not do."""
    try:
        prepare()
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    return 0
