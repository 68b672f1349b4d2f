"""Capture run again on the files it heard: recorded frames in, the same frames made anew out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bus.frames import (
    SAMPLE_RATE,
    AudioChunk,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    TurnFrame,
)
from bus.turn import name_in_turn

if TYPE_CHECKING:
    from bus.frames import AnyFrame, AnyTurnFrame
    from stages.stage import Stage

HEARD: Final = (AudioChunk, SpeechStarted, SpeechPaused, SpeechResumed, SpeechEnded)
"""What capture says by itself."""

_FURTHER_SAMPLES: Final = 2 * SAMPLE_RATE
"""What is not said so long after it was said then is not said again."""


class Rehearing:
    """Lets capture hear as far as it takes to say what it said then.

    What the hub had first was not always said first, for control frames overtake sound: each
    recorded frame gives way to the one of its name.
    """

    def __init__(self, capture: Stage) -> None:
        self._capture = capture
        self._made: dict[tuple[object, ...], AnyTurnFrame] = {}
        self._heard_to = 0

    def again(self, recorded: AnyTurnFrame) -> AnyFrame | None:
        """Return the frame of this name as it is made today; None: it is not made."""
        name = _name(recorded)
        until = _sample(recorded) + _FURTHER_SAMPLES
        steps = 0
        while name not in self._made and self._heard_to < until:
            if self._capture.due_ms() is None:
                break  # it waits for an answer, or is at its end
            for frame in self._capture.idle():
                if isinstance(frame, HEARD):
                    self._made[_name(frame)] = frame
                    self._heard_to = max(self._heard_to, _sample(frame))
            steps += 1
            if steps * 320 > until:
                break  # silence
        return self._made.pop(name, None)


def _name(frame: AnyTurnFrame) -> tuple[object, ...]:
    return (frame.session, frame.turn, *name_in_turn(frame))


def _sample(frame: TurnFrame) -> int:
    if isinstance(frame, AudioChunk):
        return frame.first_sample
    sample: int = getattr(frame, "sample", 0)
    return sample
