"""What a stage is: frames in, frames out, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from bus.frames import AnyFrame, Order


class Stage(Protocol):
    """A step of the pipeline. Owns no socket, clock or thread; time is the capture clock."""

    def open(self) -> None:
        """Load models; may take seconds. Raises ModelMissing, ModelDamaged, EngineFailed."""
        ...

    def resume(self, inputs: Sequence[AnyFrame], sent: Sequence[AnyFrame]) -> None:
        """Take over an open turn from a dead predecessor.

        inputs: all frames of the turn it was given, in `seq` order, before `handle` sees new ones.
        sent: its outputs that were routed, which need not be made again.
        """
        ...

    def handle(self, frame: AnyFrame) -> Iterator[AnyFrame | None]:
        """Yield each output as soon as it exists, None between two steps without output.

        The worker beats at each yield, and closes the generator when its turn or revision was
        cancelled; so no step may be longer than a fraction of the stage's `silence_ms`.
        """
        ...

    def idle(self) -> Iterator[AnyFrame | None]:
        """Do what no frame asks for: sound that has arrived, sound that is due."""
        ...

    def due_ms(self) -> float | None:
        """Return how long the worker may sleep until `idle` has work; None: for ever."""
        ...

    def obey(self, order: Order) -> None:
        """Start, shed memory, degrade, restore."""
        ...

    def close(self) -> None:
        """Let go of what `open` took."""
        ...
