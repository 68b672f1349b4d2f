from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from bus.frames import StageName
from bus.origin import this_machine
from bus.recording import read_recording
from config.load import load_settings
from config.logs import log
from config.settings import Settings
from models.catalogue import load_catalogue
from models.notes.opening import DATA_VARIABLE
from models.silero import GRAPH, prepare_silero
from models.store import ModelStore, default_root
from stages.replaying import WHOLE, replay


@pytest.fixture(scope="session", autouse=True)
def household_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Have daemons remember in a folder of the tests, not in that of whoever runs them."""
    os.environ[DATA_VARIABLE] = str(tmp_path_factory.mktemp("household"))


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """Return what is written to stderr, log lines of this process included."""
    log.configure("info")
    yield capsys
    log.configure("info")


@pytest.fixture(scope="session")
def store() -> ModelStore:
    """Return the cache, with what `models fetch --profile tiny` has put there."""
    return ModelStore(default_root(), load_catalogue())


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Return the settings of the smallest profile."""
    return load_settings("tiny")


@pytest.fixture(scope="session")
def silero_model(store: ModelStore) -> Path:
    """Return the graph of the voice activity detector, as it is run."""
    return prepare_silero("silero-vad", store) / GRAPH


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Return the folder of shipped recordings."""
    return Path(__file__).parent / "recordings"


Replayer: TypeAlias = Callable[..., list[str]]
"""Takes the path of a recording, and the stages to run again; returns what differs."""


@pytest.fixture
def replayed() -> Replayer:
    """Run the stages of a recording again; return a line for each difference.

    On the machine that recorded it the bytes are compared, on another one words and sound.
    Without stages: from the sound on, which lies where the recording says.
    """

    def run(path: Path, *stages: StageName) -> list[str]:
        lines: list[str] = []
        same_machine = read_recording(path).header.machine == this_machine()
        failed = replay(
            path,
            stages or WHOLE,
            check=True,
            speed=None,
            write=lines.append,
            tolerance=not same_machine,
        )
        return lines if failed else []

    return run
