"""Which words of an answer were heard: its chunks and a time in, clause and text out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bus.frames import SAMPLE_RATE, Played

if TYPE_CHECKING:
    from bus.frames import Cancel, SpeechChunk


class Position(NamedTuple):
    """How far an answer was heard."""

    clause: int
    samples: int
    """Of that clause, at `rate`."""
    rate: int
    text: str


class _Spoken:
    """One clause as far as it was synthesised."""

    def __init__(self, chunk: SpeechChunk) -> None:
        self.index = chunk.clause
        self.text = chunk.clause_text
        self.rate = chunk.rate
        self.samples = 0
        self.complete = False

    @property
    def time_samples(self) -> float:
        return self.samples * SAMPLE_RATE / self.rate


def nothing_heard(frame: Cancel) -> Played:
    """Return the last report of a turn that was cancelled before its first sound."""
    return Played(
        session=frame.session,
        turn=frame.turn,
        revision=frame.revision,
        clause=0,
        samples=0,
        rate=SAMPLE_RATE,
        text="",
        clock_sample=0,
        first_clock_sample=0,
        last=True,
    )


class HeardText:
    """The answer being played."""

    def __init__(self) -> None:
        self._clauses: list[_Spoken] = []
        self._last = False

    @property
    def complete(self) -> bool:
        """Return whether the last chunk has come."""
        return self._last

    def feed(self, chunk: SpeechChunk) -> None:
        """Take notice of a chunk that is queued for the ear."""
        if not self._clauses or self._clauses[-1].index != chunk.clause:
            self._clauses.append(_Spoken(chunk))
        clause = self._clauses[-1]
        clause.samples = max(clause.samples, chunk.first_sample + len(chunk.pcm) // 2)
        clause.complete = clause.complete or chunk.clause_last
        self._last = self._last or chunk.last

    def at(self, time_samples: int) -> Position:
        """Return what was heard after `time_samples` of sound, counted at 16 kHz."""
        left = float(time_samples)
        heard: list[str] = []
        position = Position(0, 0, SAMPLE_RATE, "")
        for clause in self._clauses:
            # Half a millisecond: rounding between the two rates must not cost the last word.
            whole = left >= clause.time_samples - SAMPLE_RATE / 2000
            share = 1.0 if whole else max(0.0, left) / clause.time_samples
            heard.append(clause.text if whole and clause.complete else _words(clause.text, share))
            samples = round(clause.samples * share)
            if samples or whole:
                position = Position(clause.index, samples, clause.rate, "")
            left -= clause.time_samples
            if left < 0:
                break
        return position._replace(text=" ".join(filter(None, heard)))


def _words(text: str, share: float) -> str:
    """Return the words of `text` that were surely spoken after `share` of its sound."""
    words = text.split()
    return " ".join(words[: int(len(words) * share)])
