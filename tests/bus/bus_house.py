"""A house of ready workers around the pure rules: frames in, who got what out."""

from __future__ import annotations

from collections.abc import Iterable

from bus.dispatch import Delivery
from bus.endings import Rules
from bus.frames import AnyFrame, AnyTurnFrame, Cancel, Closed, Member, Notice
from bus.interjections import Interjections
from bus.routes import STAGES
from bus.turns import Turns
from bus.workers import WorkerId
from tests.bus.bus_frames import audio, clause, done, ended, final, paused, played, speech, started

MS = 1_000_000
RULES = Rules(
    cancel_wait_ms=100,
    deadline_ms=60_000,
    languages=("es", "en"),
    held_bytes=1 << 20,
    interjections=Interjections(
        {"en": ("mm-hm", "ok", "yes"), "es": ("ajá", "sí")},
        {"en": ("stop", "be quiet"), "es": ("para", "basta")},
    ),
)


class House:
    """One worker of each stage, all ready, and a clock that is set by hand."""

    def __init__(self, *, absent: Iterable[Member] = (), rules: Rules = RULES) -> None:
        self.turns = Turns(rules)
        self.now_ms = 1_000
        self.out: list[Delivery] = []
        for stage in (*STAGES, "supervisor"):
            if stage not in absent:
                self.join(stage)

    def join(self, stage: Member, worker: int = 0, incarnation: int = 1) -> list[Delivery]:
        """Let a worker say Hello and Ready; return what it is given."""
        who = WorkerId(stage, worker, incarnation)
        out = self.turns.hello(who, self.now_ms * MS) + self.turns.ready(who, self.now_ms * MS)
        return self._took(out)

    def die(self, stage: Member, worker: int = 0, incarnation: int = 1) -> list[Delivery]:
        """Let the supervisor say Gone."""
        return self._took(self.turns.gone(WorkerId(stage, worker, incarnation), self.now_ms * MS))

    def say(
        self, stage: Member, *frames: AnyTurnFrame, worker: int = 0, incarnation: int = 1
    ) -> list[Delivery]:
        """Let a worker send frames; return what follows."""
        out: list[Delivery] = []
        for frame in frames:
            who = WorkerId(stage, worker, incarnation)
            out += self.turns.accept(who, frame, self.now_ms * MS)
        return self._took(out)

    def later(self, ms: int) -> list[Delivery]:
        """Let time go by."""
        self.now_ms += ms
        return self._took(self.turns.tick(self.now_ms * MS))

    def hear(self, turn: int = 1, text: str = "what time is it") -> None:
        """Let the user say something that the encoder understands at once."""
        self.say("capture", started(turn), audio(4_800, turn), paused(1, turn), ended(1, turn))
        self.say("encoder", final(text, turn=turn), done("encoder", turn=turn))

    def answer(self, turn: int = 1) -> None:
        """Let thinker and talker make an answer, and playback begin to play it."""
        self.say("thinker", clause(turn=turn), done("thinker", turn=turn))
        self.say("talker", speech(turn=turn), done("talker", turn=turn))
        self.say("playback", played(100, turn=turn))

    def _took(self, out: list[Delivery]) -> list[Delivery]:
        self.out += out
        return out


def busy_house() -> House:
    """Return a house in which the answer to turn 1 is being heard."""
    house = House()
    house.hear(1)
    house.answer(1)
    return house


def received(out: Iterable[Delivery], stage: Member) -> list[AnyFrame]:
    """Return what the workers of `stage` were given."""
    return [each.frame for each in out for who in each.to if who.stage == stage]


def kinds(out: Iterable[Delivery], stage: Member) -> list[str]:
    """Return the types of what the workers of `stage` were given."""
    return [type(frame).__name__ for frame in received(out, stage)]


def cancels(out: Iterable[Delivery]) -> list[Cancel]:
    """Return the Cancels that were decided."""
    return [each.frame for each in out if isinstance(each.frame, Cancel)]


def closings(out: Iterable[Delivery]) -> list[Closed]:
    """Return the turns that were closed."""
    return [each.frame for each in out if isinstance(each.frame, Closed)]


def notices(out: Iterable[Delivery]) -> list[Notice]:
    """Return what the user is told in place of an answer."""
    return [each.frame for each in out if isinstance(each.frame, Notice)]
