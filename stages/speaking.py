"""One answer on its way to the ear: clauses and reports in, what to say next out. Pure."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from bus.frames import Clause, Played, SpeechChunk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.protocols import Int16Array


class ClauseSound:
    """A clause being synthesised: where its sound stands, and what a predecessor sent of it."""

    def __init__(
        self, clause: Clause, sound: Iterator[Int16Array | None], rate: int, sent_samples: int
    ) -> None:
        self.clause = clause
        self.sound = sound
        self.rate = rate
        self._sent_samples = sent_samples
        self._position = 0

    def chunk(self, pcm: Int16Array) -> SpeechChunk | None:
        """Return the frame for the next samples; None where they were all sent before."""
        first = self._position
        self._position += len(pcm)
        fresh = pcm[max(0, self._sent_samples - first) :]
        if not len(fresh):
            return None
        return self._frame(self._position - len(fresh), fresh.tobytes(), clause_last=False)

    def ending(self) -> SpeechChunk:
        """Return the empty frame that ends the clause: no sound waits for knowing it is last."""
        return self._frame(self._position, b"", clause_last=True)

    def _frame(self, first_sample: int, pcm: bytes, *, clause_last: bool) -> SpeechChunk:
        clause = self.clause
        return SpeechChunk(
            session=clause.session,
            turn=clause.turn,
            revision=clause.revision,
            clause=clause.index,
            clause_text=clause.text,
            first_sample=first_sample,
            rate=self.rate,
            pcm=pcm,
            clause_last=clause_last,
            last=clause_last and clause.last,
        )


class Answer:
    """What one revision's answer has still to say, and how far it was heard."""

    def __init__(self) -> None:
        self.clauses: deque[Clause] = deque()
        self.current: ClauseSound | None = None
        self.sent_samples: dict[int, int] = {}
        """Per clause: samples on the bus."""
        self._produced_ms: dict[int, float] = {}
        self._finished: set[int] = set()
        self._heard_ms = 0.0

    @property
    def ahead_ms(self) -> float:
        """Return how much sound is on the bus and was not heard."""
        return sum(self._produced_ms.values()) - self._heard_ms

    @property
    def has_work(self) -> bool:
        """Return whether anything is left to say."""
        return self.current is not None or bool(self.clauses)

    def sent(self, chunk: SpeechChunk) -> None:
        """Take notice of a chunk that is on the bus."""
        end_sample = chunk.first_sample + len(chunk.pcm) // 2
        self.sent_samples[chunk.clause] = end_sample
        self._produced_ms[chunk.clause] = end_sample * 1000 / chunk.rate
        if chunk.clause_last:
            self._finished.add(chunk.clause)

    def heard(self, played: Played) -> None:
        """Take notice of what the ear has got."""
        before = sum(ms for clause, ms in self._produced_ms.items() if clause < played.clause)
        self._heard_ms = max(self._heard_ms, before + played.samples * 1000 / played.rate)

    def next_clause(self) -> Clause | None:
        """Return the next clause that is not on the bus whole."""
        while self.clauses:
            clause = self.clauses.popleft()
            if clause.index not in self._finished:
                return clause
        return None
