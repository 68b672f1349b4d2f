"""How a turn ends: the turn and why go in; Cancel, Notice and Closed come out."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from bus.dispatch import Dispatch
from bus.frames import Cancel, Closed, Ending, Member, Notice
from bus.interjections import Interjections
from bus.notices import ON_FILE, Why, sentence
from bus.turn import APOLOGISING, Turn
from config.settings import Settings

_SPEAKERS: Final[dict[bool, tuple[Member, ...]]] = {False: APOLOGISING, True: ("playback",)}
"""Who owes a Notice; True: it is on file."""

_HEARERS: Final[tuple[Member, ...]] = ("capture", "encoder", "thinker", "supervisor")
"""Who is told that a given-up turn is over; the others still have to say why."""


class Rules(Struct, frozen=True, kw_only=True):
    """What settings say about turns."""

    cancel_wait_ms: int
    deadline_ms: int
    languages: tuple[str, ...]
    held_bytes: int
    """A turn above this is given up."""
    interjections: Interjections


def rules_of(settings: Settings) -> Rules:
    """Return what `settings` say about turns."""
    return Rules(
        cancel_wait_ms=settings.bus.cancel_wait_ms,
        deadline_ms=settings.supervisor.turn_deadline_s * 1000,
        languages=settings.daemon.languages,
        held_bytes=settings.bus.backlog_bytes,
        interjections=Interjections(settings.barge_in.backchannels, settings.barge_in.stop_words),
    )


class Endings:
    """Ends turns one by one. Shares the table of open turns with its owner."""

    def __init__(
        self, rules: Rules, dispatch: Dispatch, open_turns: dict[tuple[str, int], Turn]
    ) -> None:
        self._rules = rules
        self._dispatch = dispatch
        self._open = open_turns

    def louder(self, turn: Turn) -> list[Turn]:
        """Return the older turns of the session of which something may still be heard."""
        return [
            older
            for older in self._open.values()
            if older.is_loud and older.session == turn.session and older.number < turn.number
        ]

    def holds_back(self, turn: Turn) -> bool:
        """Return whether the thinker cannot know yet what was heard before `turn`."""
        now_ns = self._dispatch.now_ns
        return any(
            older.phase != "cancelled" or now_ns < self._silent_ns(older)
            for older in self.louder(turn)
        )

    def held_until_ns(self, turn: Turn) -> int | None:
        """Return when what was withheld from the thinker is due; None: that is not known."""
        older = self.louder(turn) if turn.held else []
        if not older or any(each.phase != "cancelled" for each in older):
            return None
        return max(map(self._silent_ns, older))

    def _silent_ns(self, cancelled: Turn) -> int:
        """Return until when `cancelled` has to fall silent: others wait no longer."""
        return cancelled.since_ns + self._rules.cancel_wait_ms * 1_000_000

    def hush(self, turn: Turn) -> None:
        """Stop all that may be heard of older turns: the user has said something."""
        for older in self.louder(turn):
            self.cancel(older)

    def cancel(self, turn: Turn) -> None:
        """Stop a turn that may be heard: the user has said something new."""
        if turn.phase == "cancelled":
            return
        turn.superseded = turn.revision
        turn.held = []
        owing = tuple(stage for stage in turn.owing if stage in turn.assigned)
        turn.enter("cancelled", owing, self._dispatch.now_ns)
        self.say_cancel(turn, turn.revision, "barge_in", whole_turn=True)
        self.settle(turn)

    def give_up(self, turn: Turn, why: Why | Notice) -> None:
        """End a turn with a reason that is said aloud, as a revision of its own."""
        if turn.phase in ("cancelled", "given_up"):
            self.close(turn, "given_up")
            return
        if self._dispatch.is_lost("talker"):
            why = "talker_lost"
        on_file = why in ON_FILE
        reason = why.reason if isinstance(why, Notice) else why
        self.say_cancel(turn, turn.revision, reason, whole_turn=True, members=_HEARERS)
        self.say_cancel(turn, turn.revision, reason, whole_turn=False, members=APOLOGISING)
        turn.superseded = turn.revision
        turn.revision += 1
        turn.gave_up = True
        turn.held = []
        turn.enter("given_up", _SPEAKERS[on_file], self._dispatch.now_ns)
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
            prerecorded=on_file,
        )
        self._dispatch.record(turn, "hub", notice)

    def gave_up(self, turn: Turn, notice: Notice) -> None:
        """Take from the log that a turn was given up with `notice`."""
        turn.superseded = notice.revision - 1
        turn.revision = notice.revision
        turn.gave_up = True
        turn.held = []
        turn.enter("given_up", _SPEAKERS[notice.prerecorded], self._dispatch.now_ns)
        turn.keep("hub", notice)

    def settle(self, turn: Turn) -> None:
        """Close `turn` if nobody owes anything, and let go who waited for its silence."""
        if self._dispatch.restoring:
            return
        if turn.finished:
            if turn.phase == "confirmed":
                self.close(turn, "answered")
            else:
                self.close(turn, "given_up" if turn.gave_up else "cancelled")
        elif not turn.is_loud:
            self._release(turn.session)

    def close(self, turn: Turn, reason: Ending) -> None:
        """Forget `turn`; the next one may have waited for that."""
        if self._dispatch.restoring:
            return
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
            if turn.held and turn.session == session and not self.louder(turn):
                self._dispatch.release(turn)

    def say_cancel(
        self,
        turn: Turn,
        revision: int,
        reason: str,
        *,
        whole_turn: bool,
        members: tuple[Member, ...] | None = None,
    ) -> None:
        """Void `revision`, or the turn, at `members` that know of it; by default at all."""
        cancel = Cancel(
            session=turn.session,
            turn=turn.number,
            revision=revision,
            whole_turn=whole_turn,
            reason=reason,
        )
        self._dispatch.record(turn, "hub", cancel, members)
