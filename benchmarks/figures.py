"""Nested figures in, lines for a terminal out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

Figures: TypeAlias = dict[str, Any]
"""Name to a number, a text, None, or further figures."""


def lines_of(figures: Figures, depth: int = 0) -> Iterator[str]:
    """Yield a line for each figure; figures that hold only plain ones share a line."""
    for name, value in figures.items():
        indent = "  " * depth
        if not isinstance(value, dict):
            yield f"{indent}{name:24} {_cell(value)}"
        elif any(isinstance(each, dict) for each in value.values()):
            yield f"{indent}{name}"
            yield from lines_of(value, depth + 1)
        else:
            cells = "  ".join(f"{key} {_cell(each)}" for key, each in value.items())
            yield f"{indent}{name:24} {cells}"


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
