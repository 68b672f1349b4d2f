"""Why the daemon ends before its work is done.

DaemonFailed    with the exit code that the command line returns
"""

from __future__ import annotations


class DaemonFailed(Exception):
    """One line that says what, where and what to do."""

    def __init__(self, message: str, *, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code
