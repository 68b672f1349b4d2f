"""A loaded model in; what a long conversation costs it out: time, memory, and whether it goes on.

The thinker itself is asked, by transcripts as they come from the encoder, and hears its answers to
their end. What it prepares in idle time is done before the next question, as in a quiet room.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any, Final

import msgspec
import psutil  # type: ignore[import-untyped]

from bus.frames import Clause, Closed, Played, Transcript
from config.settings import Settings
from stages.thinker import Thinker

_TURNS: Final = 150
_HISTORY_TURNS: Final = 20
_PAIRS: Final = 8
_SETTLED: Final = 30
"""Turns after which memory is compared: sums, snapshots and marks are all there."""
_FOLDER: Final = Path(__file__).resolve().parent


class House:
    """Talks with one thinker in several sessions."""

    def __init__(self, model: Path, settings: Settings) -> None:
        replace = msgspec.structs.replace
        thinker = replace(settings.thinker, model=str(model), most_tokens=12, temperature=0.0)
        memory = replace(settings.memory, look_up=False)
        daemon = replace(settings.daemon, languages=("en",))
        self.thinker = Thinker(replace(settings, daemon=daemon, thinker=thinker, memory=memory))
        self.thinker.open()
        self._lines = (_FOLDER / "sentences_en.txt").read_text().splitlines()
        self._turns: dict[str, int] = {}

    def ask(self, session: str) -> float:
        """Ask the next question; return the milliseconds to the first token."""
        turn = self._turns[session] = self._turns.get(session, 0) + 1
        text = self._lines[turn % len(self._lines)]
        self._rest()
        self._partial(session, turn, text)
        final = _transcript(session, turn, text, "final")
        before_draw = self._unread_batches(final)
        begin_s, first_s = time.monotonic(), 0.0
        said, steps = [], 0
        for frame in self.thinker.handle(final):
            steps += frame is None
            if steps > before_draw and not first_s:
                first_s = time.monotonic()
            if isinstance(frame, Clause):
                said.append(frame.text)
        self._hear(session, turn, " ".join(filter(None, said)))
        return (first_s - begin_s) * 1e3

    def _unread_batches(self, final: Transcript) -> int:
        """Return how many batches are read before the first token is drawn."""
        mind = self.thinker._opened  # noqa: SLF001 - what is read already is of interest here
        conversation = self.thinker._conversation(final.session)  # noqa: SLF001
        plan = mind.prompts.whole(final, conversation)
        return len(plan.batches) - mind.cache.reach(plan)

    def _partial(self, session: str, turn: int, text: str) -> None:
        """Have read what partial transcripts would have had read."""
        stable = " ".join(text.split()[:-1])
        for _ in self.thinker.handle(_transcript(session, turn, stable, "partial")):
            pass
        self._rest()

    def _hear(self, session: str, turn: int, answer: str) -> None:
        played = Played(
            session=session, turn=turn, revision=1, clause=0, samples=1, rate=16_000,
            text=answer or "Yes.", clock_sample=1, first_clock_sample=0, last=True,
        )  # fmt: skip
        for frame in (played, Closed(session=session, turn=turn, reason="answered")):
            for _ in self.thinker.handle(frame):
                pass

    def _rest(self) -> None:
        while self.thinker.due_ms() == 0.0:
            for _ in self.thinker.idle():
                pass


def measure_history(model: Path, settings: Settings) -> dict[str, Any]:
    """Return the first token's time behind twenty turns and behind none, in pairs."""
    house = House(model, settings)
    for _ in range(_HISTORY_TURNS):
        house.ask("long")
    with_it, without = [], []
    for pair in range(_PAIRS):
        without.append(house.ask(f"new-{pair}"))
        with_it.append(house.ask("long"))
    house.thinker.close()
    ratio = statistics.median(a / b for a, b in zip(with_it, without, strict=True))
    return {
        "first_token_20_turns_ms": statistics.median(with_it),
        "first_token_0_turns_ms": statistics.median(without),
        "first_token_20_to_0_turns": ratio,
    }


def measure_long(model: Path, settings: Settings) -> dict[str, Any]:
    """Return what 150 turns in one session came to."""
    house = House(model, settings)
    process = psutil.Process()
    held_mb = []
    for _ in range(_TURNS):
        house.ask("long")
        held_mb.append(process.memory_full_info().pss / 1e6)
    conversation = house.thinker._conversation("long")  # noqa: SLF001 - what it remembers
    house.thinker.close()
    return {
        "turns_in_one_session": len(held_mb),
        "summed_up": bool(conversation.summary),
        "exchanges_kept": len(conversation.exchanges),
        "settled_mb": held_mb[_SETTLED],
        "at_the_end_mb": held_mb[-1],
        "most_mb": max(held_mb[_SETTLED:]),
    }


def _transcript(session: str, turn: int, text: str, state: str) -> Transcript:
    return msgspec.convert(
        {
            "frame": "transcript", "session": session, "turn": turn, "revision": 1, "index": 0,
            "text": text, "stable_prefix": text, "language": "en", "state": state,
        },
        Transcript,
    )  # fmt: skip
