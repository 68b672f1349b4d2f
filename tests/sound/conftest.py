from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from models.protocols import Int16Array
from stages.sound import SourceError
from stages.sound_card import load_portaudio
from tests.sound.sound_server import SoundServer, missing_programs


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """Return a running sound server, whose default devices PortAudio finds in this process."""
    if missing := missing_programs():
        pytest.skip(f"{', '.join(missing)} not installed; run: .ci/system-packages")
    try:
        portaudio = load_portaudio(SourceError)
    except SourceError as failure:
        pytest.skip(str(failure))
    folder = tmp_path / "sound"
    folder.mkdir(mode=0o700)
    running = SoundServer(folder)
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    portaudio._terminate()  # it looks for devices once, when it is loaded
    portaudio._initialize()
    yield running
    running.stop()
    portaudio._terminate()
    monkeypatch.undo()
    portaudio._initialize()


@pytest.fixture
def question(recordings: Path) -> Path:
    """Return a recording of a question, 16 kHz."""
    return recordings / "timer_en.wav"


@pytest.fixture
def clip(question: Path) -> Int16Array:
    """Return its words, shape (n,)."""
    pcm, _ = sf.read(question, stop=28_000, dtype="int16")
    return np.asarray(pcm, np.int16)
