"""What becomes of a turn: its frames and the time go in, Cancel, Notice and Closed come out.

Only here is a Cancel decided: of a revision that SpeechResumed or another final text supersedes,
and of a spoken turn when the next one has words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from msgspec import Struct

from bus.dispatch import Dispatch
from bus.frames import (
    AnyFrame,
    AnyTurnFrame,
    Cancel,
    Closed,
    Done,
    Member,
    Notice,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    Transcript,
)
from bus.notices import Why, sentence
from bus.routes import destinations
from bus.turn import ANSWERING, APOLOGISING, Phase, Turn

_MS: Final = 1_000_000

_MUTE_MS: Final = 5_000
"""Capture sends sound every 20 ms while someone speaks; after such a gap words were lost."""

_APOLOGY_MS: Final = 20_000
"""A Notice takes under 8 s to say, and the talker may have to be started first."""

_CANCEL_MS: Final = 5_000
"""Workers answer a Cancel at their next step; one that does not is a case for its watchdog."""

_HEARERS: Final[tuple[Member, ...]] = ("capture", "encoder", "thinker", "supervisor")


class Rules(Struct, frozen=True, kw_only=True):
    """What settings say about turns."""

    cancel_wait_ms: int
    deadline_ms: int
    languages: tuple[str, ...]
    held_bytes: int
    """A turn above this is given up."""


class Rulings:
    """Decides for one turn after the other. Shares the table of open turns with its owner."""

    def __init__(
        self, rules: Rules, dispatch: Dispatch, open_turns: dict[tuple[str, int], Turn]
    ) -> None:
        self._rules = rules
        self._dispatch = dispatch
        self._open = open_turns
        self._patience_ns: dict[Phase, int] = {
            "hearing": _MUTE_MS * _MS,
            "confirmed": rules.deadline_ms * _MS,
            "cancelled": _CANCEL_MS * _MS,
            "given_up": _APOLOGY_MS * _MS,
        }
        self._deciders: dict[type[AnyFrame], Callable[[Turn, Member, Any], None]] = {
            SpeechPaused: self._paused,
            SpeechResumed: self._resumed,
            SpeechEnded: self._ended,
            Transcript: self._transcribed,
            Notice: self._noticed,
            Done: self._done,
        }

    def decide(self, turn: Turn, origin: Member, frame: AnyTurnFrame) -> None:
        """Record an admitted frame and do what follows from it."""
        decide = self._deciders.get(type(frame))
        if decide is None:
            self._dispatch.record(turn, origin, frame)
        else:
            decide(turn, origin, frame)
        if turn.bytes_held > self._rules.held_bytes:
            self.overflowed(turn)

    def overflowed(self, turn: Turn) -> None:
        """Give up a turn that somebody takes no more of."""
        if turn.phase in ("hearing", "confirmed"):
            self._give_up(turn, "backlog")

    def orphaned(self, turn: Turn, stage: Member) -> None:
        """Find a successor for the dead worker that had `turn`."""
        if turn.phase == "cancelled":
            turn.done(stage, turn.revision)
            self._settle(turn)
        else:
            self.supply(turn, stage)

    def supply(self, turn: Turn, stage: Member) -> None:
        """Give `turn` to a ready worker of `stage`, if one is there and is still wanted."""
        if turn.phase == "cancelled" or (turn.phase == "given_up" and stage not in APOLOGISING):
            return
        if not self._dispatch.supply(turn, stage):
            self._give_up(turn, "redelivered")

    def due_ns(self, turn: Turn) -> int:
        """Return when `tick` has something to do for `turn`."""
        due_ns = turn.since_ns + self._patience_ns[turn.phase]
        return due_ns if turn.held_until_ns is None else min(due_ns, turn.held_until_ns)

    def tick(self, turn: Turn) -> None:
        """Do what is due for `turn`."""
        now_ns = self._dispatch.now_ns
        if turn.held_until_ns is not None and now_ns >= turn.held_until_ns:
            self._dispatch.release(turn)
        if now_ns < turn.since_ns + self._patience_ns[turn.phase]:
            return
        if turn.phase == "hearing":
            self._give_up(turn, "interrupted")
        elif turn.phase == "confirmed":
            self._give_up(turn, "deadline")
        else:
            self._close(turn, "given_up" if turn.gave_up else "cancelled")

    def _paused(self, turn: Turn, origin: Member, frame: SpeechPaused) -> None:
        turn.guess(frame.revision)
        self._dispatch.record(turn, origin, frame)

    def _resumed(self, turn: Turn, origin: Member, frame: SpeechResumed) -> None:
        turn.guess(frame.revision)
        self._dispatch.record(turn, origin, frame)
        self._supersede(turn, frame.revision + 1)

    def _ended(self, turn: Turn, origin: Member, frame: SpeechEnded) -> None:
        self._confirm(turn, frame.revision)
        self._record_for_later(turn, origin, frame)

    def _transcribed(self, turn: Turn, origin: Member, frame: Transcript) -> None:
        turn.language = frame.language or turn.language
        if frame.state != "final":
            if frame.state == "candidate":
                turn.guess(frame.revision)
            self._dispatch.record(turn, origin, frame)
            return
        self._confirm(turn, frame.revision)
        if not frame.text.strip():
            self._dispatch.record(turn, origin, frame)
            self._close(turn, "no_words")
            return
        turn.has_words = True
        for older in self._louder(turn):
            self._cancel(older)
        self._record_for_later(turn, origin, frame)
        if turn.held:
            turn.held_until_ns = self._dispatch.now_ns + self._rules.cancel_wait_ms * _MS

    def _noticed(self, turn: Turn, origin: Member, frame: Notice) -> None:
        """Take a stage's notice for its answer, the supervisor's for the end of the turn."""
        if origin == "supervisor":
            self._give_up(turn, frame)
        else:
            self._dispatch.record(turn, origin, frame)

    def _done(self, turn: Turn, origin: Member, frame: Done) -> None:
        self._dispatch.record(turn, origin, frame)
        turn.done(frame.stage, frame.revision)
        self._settle(turn)

    def _record_for_later(self, turn: Turn, origin: Member, frame: AnyTurnFrame) -> None:
        """Record `frame`, but let the thinker wait until it can know what was heard before."""
        if not self._louder(turn):
            self._dispatch.record(turn, origin, frame)
            return
        others = tuple(member for member in destinations(frame) if member != "thinker")
        self._dispatch.record(turn, origin, frame, others)
        turn.held.append(frame)

    def _louder(self, turn: Turn) -> list[Turn]:
        """Return the older turns of the session of which something may still be heard."""
        return [
            older
            for older in self._open.values()
            if older.is_loud and older.session == turn.session and older.number < turn.number
        ]

    def _confirm(self, turn: Turn, revision: int) -> None:
        """Take `revision` for the utterance; all guesses before it are void."""
        self._supersede(turn, revision)
        turn.guesses.add(revision)
        turn.revision = revision
        if turn.phase == "hearing":
            turn.enter("confirmed", ANSWERING, self._dispatch.now_ns)

    def _supersede(self, turn: Turn, before: int) -> None:
        for revision in turn.supersede(before):
            self._say_cancel(turn, revision, "superseded", whole_turn=False)

    def _cancel(self, turn: Turn) -> None:
        """Stop a turn that may be heard: the user has said something new."""
        if turn.phase == "cancelled":
            return
        turn.superseded = turn.revision
        owing = tuple(stage for stage in turn.owing if stage in turn.assigned)
        turn.enter("cancelled", owing, self._dispatch.now_ns)
        self._say_cancel(turn, turn.revision, "barge_in", whole_turn=True)
        self._settle(turn)

    def _give_up(self, turn: Turn, why: Why | Notice) -> None:
        """End a turn with a reason that is said aloud, as a revision of its own."""
        if turn.phase in ("cancelled", "given_up"):
            self._close(turn, "given_up")
            return
        reason = why.reason if isinstance(why, Notice) else why
        self._say_cancel(turn, turn.revision, reason, whole_turn=True, members=_HEARERS)
        self._say_cancel(turn, turn.revision, reason, whole_turn=False, members=APOLOGISING)
        turn.superseded = turn.revision
        turn.revision += 1
        turn.gave_up = True
        turn.held, turn.held_until_ns = [], None
        turn.enter("given_up", APOLOGISING, self._dispatch.now_ns)
        if isinstance(why, Notice):
            text, language = why.text, why.language
        else:
            text, language = sentence(why, turn.language, self._rules.languages)
        notice = Notice(
            session=turn.session,
            turn=turn.number,
            revision=turn.revision,
            text=text,
            language=language,
            reason=reason,
        )
        self._dispatch.record(turn, "hub", notice)

    def _settle(self, turn: Turn) -> None:
        """Close `turn` if nobody owes anything, and let go who waited for its silence."""
        if turn.finished:
            if turn.phase == "confirmed":
                self._close(turn, "answered")
            else:
                self._close(turn, "given_up" if turn.gave_up else "cancelled")
        elif not turn.is_loud:
            self._release(turn.session)

    def _close(
        self, turn: Turn, reason: Literal["answered", "no_words", "cancelled", "given_up"]
    ) -> None:
        closed = Closed(
            session=turn.session,
            turn=turn.number,
            revision=turn.revision,
            reason=reason,
            redelivered=sum(turn.redeliveries.values()),
        )
        self._dispatch.record(turn, "hub", closed)
        self._dispatch.forget(turn)
        self._open.pop((turn.session, turn.number), None)
        self._release(turn.session)

    def _release(self, session: str) -> None:
        """Give the thinker what waited for turns of `session` that have fallen silent."""
        for turn in self._open.values():
            if turn.held and turn.session == session and not self._louder(turn):
                self._dispatch.release(turn)

    def _say_cancel(
        self,
        turn: Turn,
        revision: int,
        reason: str,
        *,
        whole_turn: bool,
        members: tuple[Member, ...] | None = None,
    ) -> None:
        cancel = Cancel(
            session=turn.session,
            turn=turn.number,
            revision=revision,
            whole_turn=whole_turn,
            reason=reason,
        )
        self._dispatch.record(turn, "hub", cancel, members)
