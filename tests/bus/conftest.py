from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from config.settings import Settings
from tests.bus.bus_running import RunningHub


@pytest.fixture
def hub(tmp_path: Path, settings: Settings) -> Iterator[RunningHub]:
    """Return a running hub that beats fast and has the smallest windows."""
    quick = replace(
        settings,
        bus=replace(settings.bus, window_bytes=65_536, backlog_bytes=1 << 20),
        supervisor=replace(settings.supervisor, beat_ms=20),
    )
    running = RunningHub(tmp_path, quick)
    yield running
    running.close()
