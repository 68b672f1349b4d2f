"""Log lines of every process: readable on a terminal, JSON elsewhere. Events in, stderr out.

structlog is loaded with the first line that is written: with what it imports it takes 13 MB,
which seven processes that mostly have nothing to say would hold for ever.
"""

from __future__ import annotations

import sys
from typing import Any, Final

_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class _Log:
    """Writes lines at its level and above, with what is bound in each."""

    def __init__(self) -> None:
        self._level = _LEVELS["info"]
        self._bound: dict[str, object] = {}
        self._writer: Any = None

    def configure(self, level: str, **bound: object) -> None:
        """Set the lowest level that is written, and what stands in each line."""
        self._level = _LEVELS[level]
        self._bound = bound
        self._writer = None

    def debug(self, event: str, **values: object) -> None:
        """Write for developers."""
        self._write("debug", event, values)

    def info(self, event: str, **values: object) -> None:
        """Write what is as it should be."""
        self._write("info", event, values)

    def warning(self, event: str, **values: object) -> None:
        """Write what was not as it should be, and was mended."""
        self._write("warning", event, values)

    def error(self, event: str, **values: object) -> None:
        """Write what somebody has to look at."""
        self._write("error", event, values)

    def _write(self, level: str, event: str, values: dict[str, object]) -> None:
        if _LEVELS[level] < self._level:
            return
        if self._writer is None:
            self._writer = _structlog_writer().bind(**self._bound)
        getattr(self._writer, level)(event, **values)


def _structlog_writer() -> Any:  # noqa: ANN401 - structlog's loggers are of no fixed type
    import structlog  # noqa: PLC0415 - see the module's first lines

    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(pad_event_to=0)
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer()
    )
    return structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr),  # one write a line: processes share stderr
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.BoundLogger,
    )


log: Final = _Log()
"""The one log of a process. What people said stays out of it at the default level."""
