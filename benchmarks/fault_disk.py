"""A runtime folder that gets full in a turn in; what was answered and what was said of it out."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Final

from benchmarks.fault_house import House, Scene, seen
from benchmarks.figures import Figures
from bus.frames import AudioChunk

_SIZE: Final = "4m"
_TURNS: Final = 4
_BLOCK: Final = bytes(4_096)
_MOUNT: Final = f'mount -t tmpfs -o size={_SIZE},mode=700 none "$XDG_RUNTIME_DIR" && exec "$@"'
NAMESPACE: Final = ("unshare", "--user", "--map-root-user", "--mount")
"""A small file system of one's own, without being root: unshare(1)."""
_TELLS: Final = ("frame log not written", "history not written", "place in the recordings not kept")


def measure(scene: Scene) -> Figures:
    """Fill the runtime folder in the middle of the first turn."""
    if not allowed(NAMESPACE):
        return {"full disk": {"not run": "unshare --mount is not allowed here", "ok": True}}
    with House.asked(
        scene,
        "disk",
        _TURNS,
        settings=("thinker.most_tokens=16",),
        before=(*NAMESPACE, "sh", "-c", _MOUNT, "sh"),
    ) as house:
        house.look_through_its_eyes()
        met = house.reached(1, seen(AudioChunk, 20))
        filled_bytes = _fill(house.runtime) if met else 0
        left = house.end(60)
    told = Counter(tell for line in left.errors.splitlines() for tell in _TELLS if tell in line)
    return {
        "full disk": {
            "turns": _TURNS,
            "answered": left.answered,
            "filled_kb": filled_bytes // 1000,
            "told": dict(told),
            "exit_code": left.exit_code,
            "restarts": sum(left.restarts.values()),
            "ok": left.answered == _TURNS and filled_bytes > 0 and set(told.values()) == {1},
        }
    }


def allowed(namespace: tuple[str, ...]) -> bool:
    """Tell whether this machine lets us have namespaces of our own."""
    if shutil.which(namespace[0]) is None:
        return False
    return subprocess.run([*namespace, "true"], check=False, capture_output=True).returncode == 0


def _fill(runtime: Path) -> int:
    """Take all the room there is; return how much that was."""
    file = os.open(runtime / "filler", os.O_WRONLY | os.O_CREAT, 0o600)
    filled_bytes = 0
    with contextlib.suppress(OSError):
        while True:
            filled_bytes += os.write(file, _BLOCK)
    os.close(file)
    return filled_bytes
