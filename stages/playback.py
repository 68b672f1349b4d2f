"""Playback: the sound of answers in, sound in the room and reports of what was heard out."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from bus.frames import (
    SAMPLE_RATE,
    AnyFrame,
    Cancel,
    Closed,
    Done,
    Notice,
    Order,
    Played,
    SourceEnded,
    SpeechChunk,
    SpeechEnded,
    TurnFrame,
)
from stages.heard_text import HeardText, nothing_heard
from stages.outlet import Outlet
from stages.talking_over import TalkingOver, ways_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from config.session import Session
    from config.settings import BargeIn, Settings
    from stages.sound import Heard

Key: TypeAlias = tuple[str, int, int]
"""Session, turn, revision."""


class Playback:
    """Plays the confirmed revision of one turn after the other."""

    def __init__(self, outlet: Outlet, barge_in: BargeIn, *, block_ms: int) -> None:
        self._outlet = outlet
        self._duck_ramp_ms = barge_in.duck_ramp_ms
        self._over = TalkingOver(barge_in.duck_gain)
        self._gain = 1.0
        self._block_samples = block_ms * SAMPLE_RATE // 1000
        self._confirmed: dict[tuple[str, int], int] = {}
        self._pending: dict[Key, list[SpeechChunk]] = {}
        self._current: Key | None = None
        self._text = HeardText()
        self._reported_samples = 0
        self._skip: dict[Key, Played] = {}
        """How far a predecessor came: from there it goes on."""
        self._owed: list[Done] = []
        self._skipped_samples = 0.0
        """What the predecessor played of the current answer, as time at 16 kHz."""
        self._total_samples = 0

    def open(self) -> None:
        """Check that there is something to play on."""
        self._outlet.check()

    def resume(self, inputs: Sequence[AnyFrame], sent: Sequence[AnyFrame]) -> None:
        """Go on at the sample that was last heard."""
        for frame in sent:
            if isinstance(frame, Played):
                self._skip[_key(frame)] = frame
                if frame.last:
                    self._owed.append(_done(*_key(frame)))  # it may have died before it
        over = {_key(frame) for frame in sent if isinstance(frame, Played) and frame.last}
        for frame in inputs:
            self._over.note(frame)
            if isinstance(frame, SpeechEnded | Notice):
                self._confirm(frame)
            elif isinstance(frame, SpeechChunk) and _key(frame) not in over:
                self._pending.setdefault(_key(frame), []).append(frame)

    def handle(self, frame: AnyFrame) -> Iterator[AnyFrame | None]:
        """Take sound, and what decides whether it is heard, and how loud."""
        self._over.note(frame)
        self._duck(self._duck_ramp_ms)
        match frame:
            case SpeechEnded() | Notice():
                self._confirm(frame)
                self._play()
            case SpeechChunk():
                self._pending.setdefault(_key(frame), []).append(frame)
                self._play()
            case Cancel(whole_turn=False):
                self._pending.pop(_key(frame), None)
                if self._current == _key(frame):
                    yield self._played(self._outlet.sink.stop(), last=True)
                    self._current = None
            case Cancel():
                yield from self._cancel(frame)
            case Closed():
                self._forget(frame)
            case SourceEnded():
                self._total_samples = frame.clock_sample
            case _:
                return

    def idle(self) -> Iterator[AnyFrame | None]:
        """Report what was heard since the last report."""
        while self._owed:
            yield self._owed.pop()
        self._play()
        if self._current is None:
            return
        heard = self._outlet.sink.heard()
        over = self._text.complete and not heard.queued_samples
        if over or heard.samples - self._reported_samples >= self._block_samples:
            self._reported_samples = heard.samples
            yield self._played(heard, last=over)
        if over:
            key = self._current
            self._current = None
            self._pending.pop(key, None)
            yield _done(*key)
            self._play()

    def due_ms(self) -> float | None:
        """Return how long until there is something to report."""
        if self._owed or self._next() is not None:
            return 0.0
        if self._current is None:
            return None
        if (due_ms := self._outlet.sink.due_ms()) is not None:
            return due_ms
        unreported = self._outlet.sink.heard().samples - self._reported_samples
        return 0.0 if self._text.complete or unreported >= self._block_samples else None

    def obey(self, order: Order) -> None:
        """Start: the capture clock begins to run."""
        if order.kind == "start":
            self._outlet.start(order.clock_ns)

    def close(self) -> None:
        """Finish the recording, or let go of the loudspeaker."""
        self._outlet.close(self._total_samples)

    def _confirm(self, frame: SpeechEnded | Notice) -> None:
        self._confirmed[frame.session, frame.turn] = frame.revision
        if isinstance(frame, SpeechEnded):
            self._outlet.turn_ended(frame.sample)
        elif frame.prerecorded:
            from stages.prerecorded import prerecorded  # noqa: PLC0415 - hardly ever needed

            self._pending[_key(frame)] = list(prerecorded(frame))

    def _next(self) -> Key | None:
        """Return the answer that may begin now; none before the capture clock has started."""
        if self._current is not None or not self._outlet.is_open:
            return None
        return next(filter(self._may_begin, self._pending), None)

    def _play(self) -> None:
        """Queue what may be heard now."""
        if self._current is None:
            self._current = self._next()
            if self._current is None:
                return
            self._text = HeardText()
            self._reported_samples = 0
            self._skipped_samples = 0.0
            self._outlet.begin()
            self._gain = 1.0
            self._duck(ramp_ms=0)
        chunks = self._pending[self._current]
        while chunks:
            self._queue(self._current, chunks.pop(0))

    def _duck(self, ramp_ms: int) -> None:
        """Make the answer as loud as it may be while others speak."""
        gain = self._over.gain(*self._current[:2]) if self._current else self._gain
        if gain != self._gain:
            self._gain = gain
            self._outlet.sink.duck(gain, ramp_ms)

    def _queue(self, key: Key, chunk: SpeechChunk) -> None:
        self._text.feed(chunk)
        pcm = np.frombuffer(chunk.pcm, dtype="<i2")
        before = self._skip.get(key)
        clause, samples = (before.clause, before.samples) if before is not None else (0, 0)
        heard_before = len(pcm) if chunk.clause < clause else 0
        if chunk.clause == clause:
            heard_before = min(len(pcm), max(0, samples - chunk.first_sample))
        self._skipped_samples += heard_before * SAMPLE_RATE / chunk.rate
        if heard_before < len(pcm):
            self._outlet.sink.play(pcm[heard_before:], chunk.rate)
        if chunk.last:
            self._outlet.sink.finish()

    def _may_begin(self, key: Key) -> bool:
        confirmed = self._confirmed.get(key[:2])
        return confirmed is not None and key[2] >= confirmed and bool(self._pending[key])

    def _cancel(self, frame: Cancel) -> Iterator[AnyFrame]:
        """Fall silent, and say how far it was heard: history keeps only that."""
        if self._current is not None and self._current[:2] == (frame.session, frame.turn):
            yield self._played(self._outlet.sink.stop(), last=True)
            self._current = None
        else:
            yield nothing_heard(frame)
        self._forget(frame)
        yield _done(frame.session, frame.turn, frame.revision)
        self._play()

    def _played(self, heard: Heard, *, last: bool) -> Played:
        if self._current is None:
            raise RuntimeError("nothing is being played")
        session, turn, revision = self._current
        before = self._skip.get(self._current)
        began_sample = before.first_clock_sample if before is not None else 0
        position = self._text.at(heard.samples + round(self._skipped_samples))
        return Played(
            session=session,
            turn=turn,
            revision=revision,
            clause=position.clause,
            samples=position.samples,
            rate=position.rate,
            text=position.text,
            clock_sample=heard.clock_sample,
            first_clock_sample=began_sample or heard.first_clock_sample or 0,
            last=last,
        )

    def _forget(self, frame: TurnFrame) -> None:
        turn = (frame.session, frame.turn)
        self._confirmed.pop(turn, None)
        for key in [key for key in (*self._pending, *self._skip) if key[:2] == turn]:
            self._pending.pop(key, None)
            self._skip.pop(key, None)


def build_playback(settings: Settings, session: Session, runtime: Path) -> Playback:
    """Return playback into what the session names; in `runtime` is a mark where it once began."""
    outlet = Outlet(settings.playback, session, began=runtime / "playback-began")
    return Playback(outlet, ways_of(settings, session), block_ms=settings.playback.block_ms)


def _key(frame: TurnFrame) -> Key:
    return (frame.session, frame.turn, frame.revision)


def _done(session: str, turn: int, revision: int) -> Done:
    return Done(session=session, turn=turn, revision=revision, stage="playback")
