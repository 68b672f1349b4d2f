"""What becomes of a turn: its frames and the time go in, Cancel, Notice and Closed come out.

Only here is a Cancel decided: of a revision that SpeechResumed or another final text supersedes,
and of a spoken turn when the next one has words, be they partial, that are more than "mm-hm".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from bus.dispatch import Dispatch
from bus.endings import Endings, Rules
from bus.frames import (
    AnyFrame,
    AnyTurnFrame,
    Done,
    Member,
    Notice,
    Played,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    Transcript,
)
from bus.interjections import Meaning
from bus.notices import Why
from bus.routes import destinations
from bus.turn import ANSWERING, APOLOGISING, Phase, Turn

_MS: Final = 1_000_000

_CALLS_FOR_WORK: Final = frozenset((SpeechEnded, Transcript))

_LOST: Final[dict[Member, Why]] = {
    "encoder": "encoder_lost",
    "thinker": "thinker_lost",
    "talker": "talker_lost",
}

_MUTE_MS: Final = 5_000
"""Capture sends sound every 20 ms while someone speaks; after such a gap words were lost."""

_APOLOGY_MS: Final = 20_000
"""A Notice takes under 8 s to say, and the talker may have to be started first."""

_CANCEL_MS: Final = 5_000
"""Workers answer a Cancel at their next step; one that does not is a case for its watchdog."""


class Rulings:
    """Decides for one turn after the other."""

    def __init__(
        self, rules: Rules, dispatch: Dispatch, open_turns: dict[tuple[str, int], Turn]
    ) -> None:
        self._rules = rules
        self._dispatch = dispatch
        self._endings = Endings(rules, dispatch, open_turns)
        self._patience_ns: dict[Phase, int] = {
            "hearing": _MUTE_MS * _MS,
            "confirmed": rules.deadline_ms * _MS,
            "cancelled": _CANCEL_MS * _MS,
            "given_up": _APOLOGY_MS * _MS,
        }
        self._deciders: dict[type[AnyFrame], Callable[[Turn, Member, Any], None]] = {
            SpeechStarted: self._started,
            SpeechPaused: self._paused,
            SpeechResumed: self._resumed,
            SpeechEnded: self._ended,
            Transcript: self._transcribed,
            Played: self._played,
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
        if type(frame) in _CALLS_FOR_WORK:
            self.bereaved(turn)

    def restore(self, turn: Turn, origin: Member, frame: AnyTurnFrame) -> None:
        """Take a frame from the log; what followed from it is found in the log."""
        if isinstance(frame, Notice):
            self._endings.gave_up(turn, frame)
        elif origin == "hub":
            turn.keep(origin, frame)
        elif turn.is_new(frame):
            self.decide(turn, origin, frame)

    def settle(self, turn: Turn) -> None:
        """Close a turn that was restored if nobody owes anything."""
        self._endings.settle(turn)

    def overflowed(self, turn: Turn) -> None:
        """Give up a turn that somebody takes no more of."""
        if turn.phase in ("hearing", "confirmed"):
            self._endings.give_up(turn, "backlog")

    def bereaved(self, turn: Turn) -> None:
        """Give up a turn that needs a stage which is down for good."""
        if turn.phase != "confirmed" or self._dispatch.restoring:
            return
        lost = [stage for stage in turn.owing if turn.owes(stage) and self._dispatch.is_lost(stage)]
        if "playback" in lost:
            self._endings.close(turn, "given_up")  # nothing can be heard
        elif lost and (lost[0] == "encoder" or turn.is_question):
            self._endings.give_up(turn, _LOST[lost[0]])

    def orphaned(self, turn: Turn, stage: Member) -> None:
        """Find a successor for the dead worker that had `turn`."""
        if turn.phase == "cancelled":
            turn.done(stage, turn.revision)
            self._endings.settle(turn)
        else:
            self.supply(turn, stage)

    def supply(self, turn: Turn, stage: Member) -> None:
        """Give `turn` to a ready worker of `stage`, if one is there and is still wanted."""
        if turn.phase == "cancelled" or (turn.phase == "given_up" and stage not in APOLOGISING):
            return
        if not self._dispatch.supply(turn, stage):
            self._endings.give_up(turn, "redelivered")

    def due_ns(self, turn: Turn) -> int:
        """Return when `tick` has something to do for `turn`."""
        due_ns = turn.since_ns + self._patience_ns[turn.phase]
        held_until_ns = self._endings.held_until_ns(turn)
        return due_ns if held_until_ns is None else min(due_ns, held_until_ns)

    def tick(self, turn: Turn) -> None:
        """Do what is due for `turn`."""
        now_ns = self._dispatch.now_ns
        held_until_ns = self._endings.held_until_ns(turn)
        if held_until_ns is not None and now_ns >= held_until_ns:
            self._dispatch.release(turn)
        if now_ns < turn.since_ns + self._patience_ns[turn.phase]:
            return
        if turn.phase == "hearing":
            self._endings.give_up(turn, "interrupted")
        elif turn.phase == "confirmed":
            self._endings.give_up(turn, "deadline")
        else:
            self._endings.close(turn, "given_up" if turn.gave_up else "cancelled")

    def _started(self, turn: Turn, origin: Member, frame: SpeechStarted) -> None:
        turn.is_over_answer = bool(self._endings.louder(turn))
        self._dispatch.record(turn, origin, frame)

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
        meaning = self._rules.interjections.meaning(frame.text)
        if frame.state == "final":
            self._concluded(turn, origin, frame, meaning)
            return
        if meaning in ("stop", "words"):
            self._endings.hush(turn)
        if frame.state == "partial":
            self._dispatch.record(turn, origin, frame)
            return
        turn.guess(frame.revision)
        if meaning == "stop" and turn.is_over_answer:
            self._dispatch.record(turn, origin, frame, ("supervisor",))  # it will want no answer
            return
        if meaning != "nothing":
            turn.worded = frame.revision
        self._record_for_later(turn, origin, frame)

    def _concluded(self, turn: Turn, origin: Member, frame: Transcript, meaning: Meaning) -> None:
        """Let the thinker answer the final words, if they want an answer."""
        self._confirm(turn, frame.revision)
        wants_none = meaning == "stop" and turn.is_over_answer
        if meaning == "backchannel":
            wants_none = any(older.phase != "cancelled" for older in self._endings.louder(turn))
        elif meaning != "nothing":
            self._endings.hush(turn)
        if meaning == "nothing" or wants_none:
            self._dispatch.record(turn, origin, frame, ("supervisor",))
            self._endings.close(turn, "no_answer" if wants_none else "no_words")
            return
        turn.has_words = turn.is_question = True
        self._record_for_later(turn, origin, frame)

    def _played(self, turn: Turn, origin: Member, frame: Played) -> None:
        """Tell how far the answer was heard; a talker that has made it all is told of its end."""
        members = destinations(frame)
        if not (frame.last or turn.owes("talker")):
            members = tuple(member for member in members if member != "talker")
        self._dispatch.record(turn, origin, frame, members)

    def _noticed(self, turn: Turn, origin: Member, frame: Notice) -> None:
        """Take a stage's notice for its answer, the supervisor's for the end of the turn."""
        if origin != "supervisor":
            self._dispatch.record(turn, origin, frame)
        elif turn.phase in ("hearing", "confirmed"):
            self._endings.give_up(turn, frame)

    def _done(self, turn: Turn, origin: Member, frame: Done) -> None:
        self._dispatch.record(turn, origin, frame)
        turn.done(frame.stage, frame.revision)
        self._endings.settle(turn)

    def _record_for_later(self, turn: Turn, origin: Member, frame: AnyTurnFrame) -> None:
        """Record `frame`, but let the thinker wait until it can know what was heard before."""
        members = destinations(frame)
        others = tuple(member for member in members if member != "thinker")
        if len(others) == len(members) or not self._endings.holds_back(turn):
            self._dispatch.record(turn, origin, frame)
            return
        self._dispatch.record(turn, origin, frame, others)
        turn.held.append(frame)

    def _confirm(self, turn: Turn, revision: int) -> None:
        """Take `revision` for the utterance; all guesses before it are void."""
        self._supersede(turn, revision)
        turn.guesses.add(revision)
        turn.revision = revision
        turn.has_words = turn.has_words or turn.worded == revision
        if turn.phase == "hearing":
            turn.enter("confirmed", ANSWERING, self._dispatch.now_ns)

    def _supersede(self, turn: Turn, before: int) -> None:
        for revision in turn.supersede(before):
            self._endings.say_cancel(turn, revision, "superseded", whole_turn=False)
