"""How an answer is said to somebody who sounds moved: the table of one emotion."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from config.tables import Table


class Delivery(Table, frozen=True):
    """What changes in the voice of the answer."""

    pace: Annotated[float, Meta(ge=0.7, le=1.4)]
    """Below 1 it speaks more slowly."""
    gain_db: Annotated[float, Meta(ge=-12.0, le=0.0)]
    """Not louder than usual, which is as loud as the voice can be."""
    pause_ms: Annotated[int, Meta(ge=0, le=500)]
    """Silence after each clause that another one follows."""
