"""What was heard so far in; what of the next prompt is worth reading before its end out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bus.frames import Cancel, Closed, SpeechPaused, SpeechResumed, SpeechStarted, Transcript

if TYPE_CHECKING:
    from bus.frames import AnyFrame, TurnFrame


class Foresight:
    """Follows the utterance that is under way."""

    def __init__(self) -> None:
        self.latest: Transcript | None = None
        """The latest guess at words that are being said; None: none yet, or they are answered."""
        self._candidate: Transcript | None = None
        """What is being answered; when it was not the end, the words so far."""
        self._paused: dict[tuple[str, int], int] = {}
        """Revisions whose candidate is awaited, by turn."""
        self._speaking: set[tuple[str, int]] = set()

    @property
    def holds_still(self) -> bool:
        """Whether a candidate is on its way: both cores are wanted where it is made."""
        return bool(self._paused)

    @property
    def hears(self) -> bool:
        """Whether somebody speaks: what they say will want the model soon."""
        return bool(self._speaking)

    def note(self, frame: AnyFrame) -> None:
        """Take notice of what concerns an utterance."""
        match frame:
            case SpeechStarted():
                self._speaking.add(_turn(frame))
            case SpeechPaused():
                self._paused[_turn(frame)] = frame.revision
            case SpeechResumed() | Cancel(whole_turn=False):
                # either tells it: what a Cancel covers is not handled, and it may overtake
                self._go_on(frame)
            case Transcript(state="partial"):
                self.latest = frame if frame.text.strip() else None
            case Transcript(state="candidate"):
                self._awaited(frame)
                self._forget(frame)
                self._candidate = frame if frame.text.strip() else None
            case Transcript() | Closed() | Cancel():
                self._speaking.discard(_turn(frame))
                self._paused.pop(_turn(frame), None)
                self._forget(frame)

    def _go_on(self, frame: TurnFrame) -> None:
        """Take notice that a guess, or an older one, was wrong: more is being said."""
        self._awaited(frame)
        candidate = self._candidate
        if candidate and _turn(candidate) == _turn(frame) and candidate.revision <= frame.revision:
            self._candidate = None
            self.latest = self.latest or candidate

    def _awaited(self, frame: TurnFrame) -> None:
        """Take notice that nothing is awaited any more of a guess, or of an older one."""
        if self._paused.get(_turn(frame), frame.revision + 1) <= frame.revision:
            del self._paused[_turn(frame)]

    def _forget(self, frame: TurnFrame) -> None:
        if self.latest and _turn(self.latest) == _turn(frame):
            self.latest = None
        if self._candidate and _turn(self._candidate) == _turn(frame):
            self._candidate = None


def _turn(frame: TurnFrame) -> tuple[str, int]:
    return frame.session, frame.turn
