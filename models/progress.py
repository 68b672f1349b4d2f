"""How far a long step has come in, a bar on a terminal out; nothing in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Literal, Protocol, TextIO, TypeAlias

from tqdm import tqdm  # type: ignore[import-untyped]

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
        self._stream = stream

    @contextmanager
    def step(self, label: str, total: int, unit: Unit) -> Iterator[Advance]:
        """Show a bar while the context lasts."""
        with tqdm(
            desc=label,
            total=total,
            unit="B" if unit == "bytes" else "step",
            unit_scale=unit == "bytes",
            file=self._stream,
            leave=False,
            dynamic_ncols=True,
            mininterval=0.1,
        ) as shown:

            def advance(done: int) -> None:
                shown.n = min(done, total)
                shown.refresh()

            yield advance


def progress_on(stream: TextIO) -> Progress:
    """Return a bar if `stream` is a terminal, else nothing to be seen."""
    return Bar(stream) if stream.isatty() else Quiet()
