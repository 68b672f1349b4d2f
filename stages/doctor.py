"""What is amiss on this machine: settings in; a line for each finding and an exit code out."""

from __future__ import annotations

import os
import platform
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from config.cgroup_plan import plan
from models.catalogue import needed_models
from models.errors import ModelError
from stages.sound import SinkError, SoundError, SourceError
from stages.sound_card import find_format, load_portaudio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from config.settings import Settings
    from models.store import ModelStore

_LEAST_CORES: Final = 2
_LEAST_FREE_MB: Final = 1_500
"""What the daemon holds with the default profile, and some room."""


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    line: str
    """What was found; where something is amiss, with the remedy."""
    exit_code: int = 0
    """0: well; else what `ask` would return because of it; -1: only `run` is hindered."""


def examine(
    settings: Settings, profile: str, store: ModelStore, write: Callable[[str], None]
) -> int:
    """Write all findings; return the worst exit code of those that hinder `ask`."""
    write(f"profile {profile}")
    worst = 0
    for finding in _findings(settings, store):
        write(f"{'ok  ' if finding.exit_code == 0 else '!!  '}{finding.line}")
        worst = max(worst, finding.exit_code)
    return worst


def _findings(settings: Settings, store: ModelStore) -> Iterator[Finding]:
    yield _machine()
    yield _memory(Path("/proc/meminfo").read_text(encoding="ascii"))
    yield Finding(plan().line)
    yield _runtime_folder()
    for model in needed_models(settings, store.catalogue):
        yield _model(store, model)
    yield _device(settings.capture.device, "input", "microphone", SourceError)
    yield _device(settings.playback.device, "output", "loudspeaker", SinkError)


def _machine() -> Finding:
    cores = len(os.sched_getaffinity(0))
    line = f"Python {platform.python_version()}, {platform.machine()}, {cores} cores"
    if cores < _LEAST_CORES:
        return Finding(f"{line}: answers will be late; give it {_LEAST_CORES} cores", -1)
    return Finding(line)


def _memory(meminfo: str) -> Finding:
    """Judge the machine's free memory. meminfo: the text of /proc/meminfo."""
    fields = dict(line.split(":", 1) for line in meminfo.splitlines())
    free_mb = int(fields["MemAvailable"].split()[0]) * 1024 // 1_000_000
    if free_mb < _LEAST_FREE_MB:
        return Finding(
            f"memory: {free_mb} MB free of the {_LEAST_FREE_MB} MB that are needed; "
            "stop other programs, or take a smaller profile",
            -1,
        )
    return Finding(f"memory: {free_mb} MB free")


def _runtime_folder() -> Finding:
    folder = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    if os.access(folder, os.W_OK):
        return Finding(f"runtime folder: {folder}")
    return Finding(
        f"runtime folder {folder}: cannot be written to; name another in XDG_RUNTIME_DIR", 2
    )


def _model(store: ModelStore, model: str) -> Finding:
    try:
        store.files(model)
    except ModelError as failure:
        return Finding(str(failure), 3)
    return Finding(f"model {model}")


def _device(
    name: str, kind: Literal["input", "output"], what: str, error: type[SoundError]
) -> Finding:
    try:
        found = find_format(load_portaudio(error), name, kind, error)
    except SoundError as failure:
        return Finding(f"{what}: {failure}", -1)
    return Finding(f"{what}: {found.rate} Hz, {found.channels} channels")
