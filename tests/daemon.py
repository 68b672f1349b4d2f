"""The daemon as a user starts it: arguments in, what it printed and left behind out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).parent.parent
_NAMES = ("stages.worker", "--worker")


def command(*arguments: str | Path) -> list[str]:
    """Return the command line of `run_pipeline.py` with `arguments`."""
    return [sys.executable, str(ROOT / "run_pipeline.py"), *map(str, arguments)]


def environment(runtime: Path, **more: str) -> dict[str, str]:
    """Return an environment whose runtime folder is `runtime`."""
    return {**os.environ, "XDG_RUNTIME_DIR": str(runtime), **more}


def run(
    *arguments: str | Path, env: Mapping[str, str], timeout_s: float = 100
) -> subprocess.CompletedProcess[str]:
    """Run to the end, from another folder than the project's."""
    return subprocess.run(
        command(*arguments), env=dict(env), capture_output=True, text=True, check=False,
        timeout=timeout_s, cwd=env["XDG_RUNTIME_DIR"],
    )  # fmt: skip


def members(pid: int) -> dict[str, int]:
    """Return the daemon's processes below `pid` by name: `encoder`, a second one `encoder.1`."""
    found = {}
    for process in psutil.Process(pid).children(recursive=True):
        try:
            words = process.cmdline()
        except psutil.Error:  # it has just ended
            continue
        if "bus.hub" in words:
            found["hub"] = process.pid
        elif "stages.worker" in words:
            stage, worker = (words[words.index(before) + 1] for before in _NAMES)
            found[stage if worker == "0" else f"{stage}.{worker}"] = process.pid
    return found
