from __future__ import annotations

import io

from models.progress import progress_on


class Terminal(io.StringIO):
    """Text that claims to be a terminal."""

    def isatty(self) -> bool:
        """Claim it."""
        return True


def test_a_pipe_stays_quiet() -> None:
    """Where nobody looks, nothing is written."""
    stream = io.StringIO()
    with progress_on(stream).step("exporting", 3, "steps") as advance:
        advance(3)
    assert stream.getvalue() == ""


def test_a_terminal_sees_the_step() -> None:
    """A terminal sees the label and how far it has come, never more than all of it."""
    stream = Terminal()
    with progress_on(stream).step("exporting", 3, "steps") as advance:
        advance(2)
        advance(7)
    assert "exporting" in stream.getvalue()
    assert "3/3" in stream.getvalue()
    with progress_on(stream).step("fetching", 2_000_000, "bytes") as advance:
        advance(1_000_000)
    assert "fetching" in stream.getvalue()
