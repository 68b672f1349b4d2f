"""Words of a command line in, which process of the daemon that is out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def member_of(words: Sequence[str]) -> str | None:
    """Return a stage's name, `hub` or `supervisor`; None: it is none of these."""
    if "stages.worker" in words:
        return words[words.index("stages.worker") + 1]
    if "bus.hub" in words:
        return "hub"
    return "supervisor" if any(word.endswith("run_pipeline.py") for word in words) else None
