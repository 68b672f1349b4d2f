"""What was heard so far in; what of the next prompt is worth reading before its end out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bus.frames import Cancel, Closed, SpeechPaused, SpeechResumed, Transcript

if TYPE_CHECKING:
    from bus.frames import AnyFrame, TurnFrame


class Foresight:
    """Follows the utterance that is under way."""

    def __init__(self) -> None:
        self.partial: Transcript | None = None
        """The latest guess at the words; None when nobody speaks, or they are being answered."""
        self._paused: TurnFrame | None = None

    @property
    def holds_still(self) -> bool:
        """Whether a candidate is on its way: both cores are wanted where it is made."""
        return self._paused is not None

    def note(self, frame: AnyFrame) -> None:
        """Take notice of what concerns an utterance."""
        match frame:
            case SpeechPaused():
                self._paused = frame
            case Transcript(state="partial"):
                self.partial = frame if frame.text.strip() else None
            case SpeechResumed():
                self._go_on(frame)
            case Transcript() | Closed() | Cancel(whole_turn=True):
                self._go_on(frame)
                if _same_turn(self.partial, frame):
                    self.partial = None
            case _:
                return

    def _go_on(self, frame: TurnFrame) -> None:
        if _same_turn(self._paused, frame):
            self._paused = None


def _same_turn(known: TurnFrame | None, frame: TurnFrame) -> bool:
    return known is not None and (known.session, known.turn) == (frame.session, frame.turn)
