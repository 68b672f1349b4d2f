"""An engine's steps in, their result out, for whoever has nothing else to do in between."""

from __future__ import annotations

from typing import TypeVar

from models.protocols import Steps

_T = TypeVar("_T")


def finished(steps: Steps[_T]) -> _T:
    """Take all steps; return what they come to."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _T = end.value
            return result
