"""Frames of a turn in, a thinker driven as its worker drives it; the answer out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bus.frames import (
    AnyFrame,
    Cancel,
    Clause,
    Closed,
    Played,
    SpeechPaused,
    SpeechStarted,
    Transcript,
)
from stages.cancellation import Ended
from stages.thinker import Thinker

SESSION = "s"


def transcript(
    text: str,
    state: str,
    *,
    revision: int = 1,
    turn: int = 1,
    stable: str = "",
    language: str = "en",
) -> Transcript:
    """Return a transcript as the encoder sends it."""
    assert state in ("partial", "candidate", "final")
    return Transcript(
        session=SESSION, turn=turn, revision=revision, index=0, text=text, stable_prefix=stable,
        language=language, state=state,  # type: ignore[arg-type]
    )  # fmt: skip


def started(turn: int = 1) -> SpeechStarted:
    """Return the beginning of an utterance."""
    return SpeechStarted(session=SESSION, turn=turn, revision=0, sample=0)


def paused(revision: int = 1, turn: int = 1) -> SpeechPaused:
    """Return the beginning of a pause."""
    return SpeechPaused(
        session=SESSION, turn=turn, revision=revision, sample=1, speech_end_sample=0
    )


def cancelled(revision: int = 1, turn: int = 1, *, whole: bool = False) -> Cancel:
    """Return the hub's word that a revision is void."""
    return Cancel(session=SESSION, turn=turn, revision=revision, whole_turn=whole, reason="test")


def played(text: str, turn: int = 1, revision: int = 1) -> Played:
    """Return the report that an answer was heard."""
    return Played(
        session=SESSION, turn=turn, revision=revision, clause=0, samples=1, rate=16_000, text=text,
        clock_sample=1, first_clock_sample=0, last=True,
    )  # fmt: skip


def closed(turn: int = 1) -> Closed:
    """Return the end of a turn."""
    return Closed(session=SESSION, turn=turn, reason="answered")


def after(steps: int) -> Callable[[Sequence[AnyFrame], int], bool]:
    """Return what stops a worker after so many steps without output."""
    return lambda _sent, done: done >= steps


class Worker:
    """Gives frames to a thinker, step by step."""

    def __init__(self, thinker: Thinker) -> None:
        self.thinker = thinker
        self.sent: list[AnyFrame] = []
        self.steps = 0
        """Of the last frame, those without output."""
        self._ended = Ended()

    def give(
        self, frame: AnyFrame, until: Callable[[Sequence[AnyFrame], int], bool] | None = None
    ) -> None:
        """Have `frame` worked on to the end, or until what was sent and the steps say stop."""
        self._ended.note(frame)
        self.steps = 0
        steps = self.thinker.handle(frame)
        for out in steps:
            if out is None:
                self.steps += 1
            else:
                self.sent.append(out)
            if until is not None and until(self.sent, self.steps):
                break
        close = getattr(steps, "close", None)
        if close is not None:
            close()

    def idle(self, most: int = 10_000) -> int:
        """Let the thinker do what it wants in idle time; return the number of steps."""
        for count in range(most):
            if self.thinker.due_ms() is None:
                return count
            out = [out for out in self.thinker.idle() if out is not None]
            self.sent += [each for each in out if not self._ended.covers(each)]
        return most

    def clauses(self, revision: int = 1, turn: int = 1) -> list[str]:
        """Return what was sent of a revision; its indices count up and one is the last."""
        own = [
            frame
            for frame in self.sent
            if isinstance(frame, Clause) and (frame.turn, frame.revision) == (turn, revision)
        ]
        assert [clause.index for clause in own] == list(range(len(own)))
        assert [clause.last for clause in own] == [False] * (len(own) - 1) + [True]
        return [clause.text for clause in own]
