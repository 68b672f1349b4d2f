"""How far a long step has come in, a bar on a terminal out; nothing in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Literal, Protocol, TextIO, TypeAlias

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as RichProgress

Advance: TypeAlias = Callable[[int], None]
"""Takes how much is done in all, from 0 to the step's total."""

Unit: TypeAlias = Literal["bytes", "steps"]


class Progress(Protocol):
    """Shows long steps, one at a time."""

    def step(self, label: str, total: int, unit: Unit) -> AbstractContextManager[Advance]:
        """Show a step while the context lasts. total: in `unit`."""
        ...


class Quiet:
    """Shows nothing: for pipes, logs and tests."""

    @contextmanager
    def step(self, label: str, total: int, unit: Unit) -> Iterator[Advance]:
        """Show nothing while the context lasts."""
        del label, total, unit

        def advance(done: int) -> None:
            del done

        yield advance


class Bar:
    """A bar on a terminal, gone when its step ends."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream)

    @contextmanager
    def step(self, label: str, total: int, unit: Unit) -> Iterator[Advance]:
        """Show a bar while the context lasts."""
        columns: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn()]
        if unit == "bytes":
            columns += [DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()]
        else:
            columns += [MofNCompleteColumn()]
        with RichProgress(*columns, console=self._console, transient=True) as shown:
            task = shown.add_task(label, total=total)

            def advance(done: int) -> None:
                shown.update(task, completed=min(done, total))

            yield advance


def progress_on(stream: TextIO) -> Progress:
    """Return a bar if `stream` is a terminal, else nothing to be seen."""
    return Bar(stream) if stream.isatty() else Quiet()
