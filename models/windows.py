"""A number of frames in, the windows in which a convolutional network makes them out."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct


class Window(Struct, frozen=True):
    """The frames [first, end) that a step makes, and the frames [low, high) that it reads."""

    first: int
    end: int
    low: int
    high: int


def windows(frames: int, *, first: int, most: int, context: int) -> Iterator[Window]:
    """Yield windows that cover `frames` in order.

    first: frames of the first window: few, because someone waits for it. Each window has twice
    the frames of the one before, up to `most`: the sound already made gives time, and the context,
    computed twice, weighs less. A rest shorter than the window before it is taken in, or halved
    with it where the two have more than `most`, which bounds the memory.
    context: frames read on each side beyond those made, where there are any.
    """
    start, size = 0, first
    while start < frames:
        end = min(frames, start + size)
        if start and frames - end < size:
            end = frames if frames - start <= most else start + (frames - start + 1) // 2
        yield Window(start, end, max(0, start - context), min(frames, end + context))
        start, size = end, min(size * 2, most)
