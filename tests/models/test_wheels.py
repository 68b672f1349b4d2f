from __future__ import annotations

import pytest

from models.child import Outcome
from models.errors import SourceFailed
from models.wheels import explained

NOT_FOUND = "ERROR: No matching distribution found for a==1\n"
BROKEN = "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError("


@pytest.mark.parametrize(
    ("log", "reason", "unreachable"),
    [
        (NOT_FOUND, "the package index has no a==1", False),
        (BROKEN + "...')'\n" + NOT_FOUND, "the package index cannot be reached", True),
        ("WARNING: ReadTimeoutError\n" + NOT_FOUND, "the package index cannot be reached", True),
        ("/usr/bin/python: No module named pip\n", "add it with: python -m ensurepip", True),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "a==1 is damaged", False),
        ("noise\nERROR: something new\n", "ERROR: something new", False),
        ("", "pip ended with code 1", False),
    ],
)
def test_tells_why_pip_failed(log: str, reason: str, *, unreachable: bool) -> None:
    """No network, no such package, no pip, a damaged package: each is told apart."""
    error = explained(Outcome(code=1, log=log, stalled=False), "a==1")
    assert isinstance(error, SourceFailed)
    assert reason in str(error)
    assert error.unreachable is unreachable


def test_a_stalled_download_counts_as_no_network() -> None:
    """A download that was given up because nothing came is the network's fault."""
    error = explained(Outcome(code=-9, log="Collecting a==1", stalled=True), "a==1")
    assert isinstance(error, SourceFailed)
    assert error.unreachable


def test_a_full_disk_is_no_fault_of_the_source() -> None:
    """A full disk ends the fetch instead of sending it to the next source."""
    log = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
    assert isinstance(explained(Outcome(code=1, log=log, stalled=False), "a==1"), OSError)
