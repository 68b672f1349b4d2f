"""One unfinished turn: its frames go in; what is void, owed, due and to be repeated comes out."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, Literal

from bus.frames import (
    AnyTurnFrame,
    AudioChunk,
    Clause,
    Done,
    Forgotten,
    Member,
    Notice,
    Obeyed,
    Played,
    Recalled,
    SpeechChunk,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    SummedUp,
    Transcript,
)
from bus.routes import destinations
from bus.wire import FRAME_OVERHEAD_BYTES
from bus.workers import WorkerId

Phase = Literal["hearing", "confirmed", "cancelled", "given_up"]

ANSWERING: Final[tuple[Member, ...]] = ("encoder", "thinker", "talker", "playback")
"""Who must be Done before a turn is answered. Capture owes nothing once the end is confirmed."""

APOLOGISING: Final[tuple[Member, ...]] = ("talker", "playback")
"""Who must be Done with a Notice."""

_HEARD: Final = frozenset((AudioChunk, SpeechStarted, SpeechPaused, SpeechResumed, SpeechEnded))
_MADE: Final = frozenset((Transcript, Clause, SpeechChunk, Notice))

_NAMES: Final[dict[type[AnyTurnFrame], Callable[[Any], object]]] = {
    AudioChunk: attrgetter("first_sample"),
    SpeechStarted: attrgetter("turn"),
    SpeechPaused: attrgetter("revision"),
    SpeechResumed: attrgetter("revision"),
    SpeechEnded: attrgetter("revision"),
    Transcript: attrgetter("revision", "index"),
    Clause: attrgetter("revision", "index"),
    SpeechChunk: attrgetter("revision", "clause", "first_sample"),
    Played: attrgetter("revision", "clause", "samples", "last"),
    Notice: attrgetter("revision", "reason"),
    Done: attrgetter("stage", "revision"),
    Obeyed: attrgetter("stage", "rung"),
    Recalled: attrgetter("revision"),
    SummedUp: attrgetter("turn"),
    Forgotten: attrgetter("turn"),
}
"""What names a frame for ever, beside its type and turn."""


def name_in_turn(frame: AnyTurnFrame) -> tuple[type, object]:
    """Return what names a worker's frame within its turn."""
    kind = type(frame)
    return (kind, _NAMES[kind](frame))


class Turn:
    """Everything that is known of one turn. Holds no socket and reads no clock."""

    def __init__(self, session: str, number: int, now_ns: int) -> None:
        self.session = session
        self.number = number
        self.phase: Phase = "hearing"
        self.revision = 0
        """The confirmed revision, or the latest guess."""
        self.superseded = -1
        """Work on this revision and on all before it is void."""
        self.guesses: set[int] = set()
        """Revisions that somebody may be working on."""
        self.worded = -1
        """The revision of the last candidate that had words."""
        self.has_words = False
        self.is_question = False
        """Its final words want an answer."""
        self.is_over_answer = False
        """It began while an older turn of the session could be heard."""
        self.gave_up = False
        self.language = ""
        self.since_ns = now_ns
        """When the phase began, or when the last sign of progress was seen in it."""
        self.owing: tuple[Member, ...] = ()
        self.held: list[AnyTurnFrame] = []
        """The thinker's input that waits for an older turn to fall silent."""
        self.assigned: dict[Member, WorkerId] = {}
        self.known_to: set[Member] = set()
        """Stages of which some worker, perhaps a dead one, was given the turn."""
        self.redeliveries: dict[Member, int] = {}
        self.paths: dict[tuple[Member, ...], tuple[WorkerId, ...]] = {}
        """Who the members of a route are just now."""
        self.bytes_held = 0
        self.seq = 0
        self._past: list[tuple[Member, AnyTurnFrame]] = []
        self._played: Played | None = None
        self._names: set[tuple[type, object]] = set()
        self._dones: dict[Member, int] = {}

    def is_new(self, frame: AnyTurnFrame) -> bool:
        """Return whether no frame of this name came before; remember the name."""
        kind = type(frame)
        name = name_in_turn(frame)
        if kind is Played:
            # 50 a second, and only the newest counts: their names need not be kept.
            return self._played is None or name != name_in_turn(self._played)
        if name in self._names:
            return False
        self._names.add(name)
        return True

    def is_stale(self, frame: AnyTurnFrame) -> bool:
        """Return whether `frame` is work that nobody waits for any more."""
        kind = type(frame)
        over = self.phase in ("cancelled", "given_up")
        if kind in _HEARD:
            return over or (kind is SpeechResumed and self.phase == "confirmed")
        if kind not in _MADE:
            return False
        if isinstance(frame, Transcript) and frame.state == "partial":
            return self.phase != "hearing"
        if over:
            apology = self.phase == "given_up" and frame.revision == self.revision
            return not (apology and kind is SpeechChunk)
        return frame.revision <= self.superseded

    def keep(self, origin: Member, frame: AnyTurnFrame) -> None:
        """Remember a stamped frame until the turn is closed."""
        self.seq = frame.seq
        if isinstance(frame, Played):
            self._played = frame
            return
        self._past.append((origin, frame))
        self.bytes_held += _bytes_of(frame)

    def inputs(self, stage: Member) -> list[AnyTurnFrame]:
        """Return what `stage` was given, in `seq` order, without void and withheld frames."""
        past = [
            frame
            for _, frame in self._past
            if stage in destinations(frame) and not self._is_void(frame)
        ]
        if stage == "thinker" and self.held:
            withheld = {id(frame) for frame in self.held}
            past = [frame for frame in past if id(frame) not in withheld]
        if self._played is not None and stage in destinations(self._played):
            past.append(self._played)
            past.sort(key=attrgetter("seq"))
        return past

    def outputs(self, stage: Member) -> list[AnyTurnFrame]:
        """Return what `stage` sent, in `seq` order."""
        own = [frame for origin, frame in self._past if origin == stage]
        if stage == "playback" and self._played is not None:
            own.append(self._played)
        return own

    def guess(self, revision: int) -> None:
        """Note that somebody may be working on `revision`."""
        if self.phase == "hearing":
            self.revision = max(self.revision, revision)
        self.guesses.add(revision)

    def supersede(self, before: int) -> list[int]:
        """Void all revisions before `before`; return those that somebody may be working on.

        Their clauses and sound are let go: someone who pauses often would fill the memory.
        """
        void = sorted(guess for guess in self.guesses if self.superseded < guess < before)
        self.superseded = max(self.superseded, before - 1)
        self.guesses = {guess for guess in self.guesses if guess >= before}
        if void:
            self.held = [frame for frame in self.held if not self._is_void(frame)]
            self._past = [entry for entry in self._past if not self._is_waste(entry[1])]
            self.bytes_held = sum(_bytes_of(frame) for _, frame in self._past)
        return void

    def enter(self, phase: Phase, owing: tuple[Member, ...], now_ns: int) -> None:
        """Begin `phase`, in which `owing` must say Done."""
        self.phase = phase
        self.owing = owing
        self.since_ns = now_ns

    def done(self, stage: Member, revision: int) -> None:
        """Take notice that `stage` owes nothing for `revision`."""
        self._dones[stage] = max(revision, self._dones.get(stage, -1))

    def owes(self, stage: Member) -> bool:
        """Return whether `stage` still has to say Done."""
        return stage in self.owing and self._dones.get(stage, -1) < self.revision

    @property
    def finished(self) -> bool:
        """Whether nobody owes anything."""
        return self.phase != "hearing" and not any(map(self.owes, self.owing))

    @property
    def is_loud(self) -> bool:
        """Whether its answer, or the reason why there is none, may still be heard."""
        return (self.has_words or self.gave_up) and self.owes("playback")

    def _is_waste(self, frame: AnyTurnFrame) -> bool:
        """Return whether `frame` is void, and no successor wants it: encoders want transcripts."""
        return not isinstance(frame, Transcript) and self._is_void(frame)

    def _is_void(self, frame: AnyTurnFrame) -> bool:
        if type(frame) not in _MADE:
            return False
        partial = isinstance(frame, Transcript) and frame.state == "partial"
        return not partial and frame.revision <= self.superseded


def _bytes_of(frame: AnyTurnFrame) -> int:
    return FRAME_OVERHEAD_BYTES + len(getattr(frame, "pcm", b""))
