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
            case SpeechResumed() | Cancel(whole_turn=False):
                # either tells it: what a Cancel covers is not handled, and it may overtake
                self._go_on(frame)
            case Transcript():
                self._go_on(frame)
                self._forget(frame)
            case Closed() | Cancel():
                self._paused = None if _same_turn(self._paused, frame) else self._paused
                self._forget(frame)
            case _:
                return

    def _go_on(self, frame: TurnFrame) -> None:
        """Take notice that nothing is awaited any more of a guess, or of an older one."""
        paused = self._paused
        if paused and _same_turn(paused, frame) and paused.revision <= frame.revision:
            self._paused = None

    def _forget(self, frame: TurnFrame) -> None:
        if _same_turn(self.partial, frame):
            self.partial = None


def _same_turn(known: TurnFrame | None, frame: TurnFrame) -> bool:
    return known is not None and (known.session, known.turn) == (frame.session, frame.turn)
