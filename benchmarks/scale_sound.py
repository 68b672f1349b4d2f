"""Recordings in; what capture makes of them, and the sound that an encoder writes down, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from bus.frames import (
    SAMPLE_RATE,
    AnyTurnFrame,
    AudioChunk,
    Closed,
    Order,
    SourceEnded,
    SpeechEnded,
    SpeechPaused,
    Welcome,
)
from config.session import Session
from config.settings import Settings
from models.protocols import Float32Array
from stages.capture import Capture
from stages.listening import build_capture
from stages.utterance import Utterance

_FOLDER: Final = Path(__file__).parent.parent / "tests" / "recordings"
RECORDINGS: Final = tuple(
    _FOLDER / name for name in ("question_en.wav", "timer_en.wav", "three_es.wav", "syrup_es.wav")
)


class Spoken(Struct, frozen=True):
    """One utterance as capture sends it."""

    frames: tuple[AnyTurnFrame, ...]
    """In the order in which they were sent; session and turn are to be filled in."""
    seconds: float
    """Sound sent."""

    def of(self, session: str, turn: int) -> Iterator[AnyTurnFrame]:
        """Yield the frames as those of a turn."""
        for frame in self.frames:
            yield replace(frame, session=session, turn=turn)

    @property
    def samples(self) -> Float32Array:
        """Return what is written down: the sound up to the pause that was its end, float32."""
        utterance = Utterance()
        pauses, end_sample = {}, 0
        for frame in self.frames:
            match frame:
                case AudioChunk():
                    utterance.add(frame)
                case SpeechPaused():
                    pauses[frame.revision] = frame.sample
                case SpeechEnded():
                    end_sample = pauses.get(frame.revision, frame.sample)
                case _:
                    continue
        return utterance.samples(end_sample)


def spoken(settings: Settings, recordings: Sequence[Path] = RECORDINGS) -> list[Spoken]:
    """Return the utterances of recordings, found by the capture stage itself."""
    names = tuple(str(path) for path in recordings)
    capture = build_capture(
        settings,
        Session(recordings=names, realtime=False, room=""),
        Welcome(next_turn=1, clock_sample=0),
    )
    capture.open()
    capture.obey(Order(kind="start", clock_ns=1))
    found, frames = [], list[AnyTurnFrame]()
    for frame in _heard(capture):
        frames.append(frame)
        if isinstance(frame, SpeechEnded):
            chunks = [each for each in frames if isinstance(each, AudioChunk)]
            samples = sum(len(each.pcm) // 2 for each in chunks)
            found.append(Spoken(tuple(frames), samples / SAMPLE_RATE))
            frames = []
    capture.close()
    return found


def _heard(capture: Capture) -> Iterator[AnyTurnFrame]:
    """Yield all that capture sends of its recordings; it is told at once that a turn is over."""
    while True:
        for frame in capture.idle():
            if isinstance(frame, SourceEnded):
                return
            if isinstance(frame, AnyTurnFrame):
                yield frame
            if isinstance(frame, SpeechEnded):
                closed = Closed(session=frame.session, turn=frame.turn, reason="answered")
                for _ in capture.handle(closed):
                    continue
