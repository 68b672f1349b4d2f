"""Given names that are common where Spanish or English is spoken, and those of pets; folded.

A name that is missing in given_names.txt can be told in `pool.household`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

GIVEN_NAMES: Final = frozenset(
    Path(__file__).with_name("given_names.txt").read_text(encoding="ascii").split()
)
