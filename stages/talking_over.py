"""Who speaks while an answer is heard: boundaries of turns in, how loud the answer is out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from bus.frames import AnyFrame, Cancel, Closed, Notice, SpeechStarted, TurnFrame

if TYPE_CHECKING:
    from config.session import Session
    from config.settings import BargeIn, Settings


def ways_of(settings: Settings, session: Session) -> BargeIn:
    """Return how an answer gives way. Half-duplex, it does not: what is heard over it is itself."""
    if session.listens_always or settings.capture.headset:
        return settings.barge_in
    return replace(settings.barge_in, duck_gain=1.0)


class TalkingOver:
    """Ducks an answer from the first sound of a later turn on, until that turn came to nothing.

    A cough or "mm-hm" is closed without words, and the answer comes back where it is; words
    cancel the answer.
    duck_gain: of an answer over which somebody speaks.
    """

    def __init__(self, duck_gain: float) -> None:
        self._duck_gain = duck_gain
        self._begun: set[tuple[str, int]] = set()
        """Turns whose meaning for older answers is not known yet."""

    def note(self, frame: AnyFrame) -> None:
        """Take notice of a frame of any turn."""
        if not isinstance(frame, TurnFrame):
            return
        turn = (frame.session, frame.turn)
        if isinstance(frame, SpeechStarted):
            self._begun.add(turn)
        elif isinstance(frame, Closed | Notice) or (isinstance(frame, Cancel) and frame.whole_turn):
            self._begun.discard(turn)

    def gain(self, session: str, turn: int) -> float:
        """Return how loud the answer to `turn` is now."""
        over = any(other == session and later > turn for other, later in self._begun)
        return self._duck_gain if over else 1.0
