"""A stage around the thinker: it rests after an answer's first clause, while that gets its sound.

On two cores the voice's first chunk takes twice as long beside a language model that writes on,
and the user waits for that chunk. The clause then sounds for seconds: the model catches up.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bus.frames import Clause

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bus.frames import AnyFrame, Order
    from stages.stage import Stage

_STEP_MS: Final = 5
"""A rest is taken in steps, so that a Cancel ends it."""


class Resting:
    """Implements Stage. rest_ms: how long; sleep: waits for so many seconds."""

    def __init__(
        self, stage: Stage, rest_ms: int, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._stage = stage
        self._steps = -(-rest_ms // _STEP_MS)
        self._sleep = sleep

    def open(self) -> None:
        """Load models; see Stage."""
        self._stage.open()

    def resume(self, inputs: Sequence[AnyFrame], sent: Sequence[AnyFrame]) -> None:
        """Take over an open turn; see Stage."""
        self._stage.resume(inputs, sent)

    def handle(self, frame: AnyFrame) -> Iterator[AnyFrame | None]:
        """Yield what the stage yields, and a rest where one is due."""
        yield from self._rested(self._stage.handle(frame))

    def idle(self) -> Iterator[AnyFrame | None]:
        """Yield what the stage yields, and a rest where one is due."""
        yield from self._rested(self._stage.idle())

    def due_ms(self) -> float | None:
        """Return when `idle` has work; see Stage."""
        return self._stage.due_ms()

    def obey(self, order: Order) -> None:
        """Start, shed, degrade, restore; see Stage."""
        self._stage.obey(order)

    def close(self) -> None:
        """Let go of models; see Stage."""
        self._stage.close()

    def _rested(self, steps: Iterator[AnyFrame | None]) -> Iterator[AnyFrame | None]:
        try:
            for out in steps:
                yield out
                if isinstance(out, Clause) and out.index == 0 and not out.last:
                    for _ in range(self._steps):
                        self._sleep(_STEP_MS / 1000)
                        yield None
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                close()
