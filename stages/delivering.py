"""A clause's sound in, the same sound as one says it to somebody who is moved out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.delivery import Delivery
    from models.protocols import Int16Array


def delivered(
    sound: Iterator[Int16Array | None], delivery: Delivery, rate: int, *, followed: bool
) -> Iterator[Int16Array | None]:
    """Yield `sound` softer, and the pause behind it; its pace is the voice's own business.

    sound: int16 chunks, None between steps. rate: samples per second. followed: another clause
    of the answer comes; without one no silence is owed.
    """
    gain = np.float32(10 ** (delivery.gain_db / 20))
    for pcm in sound:
        yield None if pcm is None else np.rint(pcm * gain).astype(np.int16)
    pause_samples = rate * delivery.pause_ms // 1000
    if followed and pause_samples:
        yield np.zeros(pause_samples, np.int16)
