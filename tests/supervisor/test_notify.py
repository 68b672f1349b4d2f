import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.notify import Notifier


@pytest.fixture(params=["file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """Return a service manager's socket and its name in the environment."""
    is_file = request.param == "file"
    name = str(tmp_path / "notify") if is_file else f"@sarai-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(5)
        listening.bind(name if is_file else f"\0{name[1:]}")
        yield listening, name


def test_the_manager_is_told_of_readiness_life_and_end(
    manager: tuple[socket.socket, str],
) -> None:
    """READY once, a sign of life three times in the time that is given, STOPPING at the end."""
    listening, address = manager
    notifier = Notifier.of({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "3000000"})
    notifier.lives(0, ready=False)
    for step in range(5):
        notifier.lives(1_000_000_000 + step * 250_000_000, ready=True)
    notifier.stops()
    said = [listening.recv(64).decode() for _ in range(5)]
    assert said == ["WATCHDOG=1", "READY=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]
    notifier.close()


def test_another_s_watchdog_is_not_ours(manager: tuple[socket.socket, str]) -> None:
    """A variable that was inherited names another process."""
    listening, address = manager
    environment = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}
    notifier = Notifier.of(environment)
    notifier.lives(5_000_000_000, ready=False)
    notifier.stops()
    assert listening.recv(64) == b"STOPPING=1"
    notifier.close()


def test_nobody_listening_is_no_error(tmp_path: Path) -> None:
    """Without a socket, and with one that is gone."""
    for environment in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}):
        notifier = Notifier.of(environment)
        notifier.lives(1, ready=True)
        notifier.stops()
        notifier.close()
