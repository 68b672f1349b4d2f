"""What a turn came to: the frames of a turn in, the figures that users and tools read out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bus.frames import (
    SAMPLE_RATE,
    Clause,
    Closed,
    Notice,
    Passage,
    Played,
    Recalled,
    SpeechChunk,
    SpeechEnded,
    SpeechPaused,
    Transcript,
    TurnFrame,
)
from config.emotions import EMOTIONS
from supervisor.ladders import TurnTimes

if TYPE_CHECKING:
    from collections.abc import Sequence

_NO_TIMES: Final = TurnTimes(None, None, None, None)


class TurnReport:
    """Collects one turn."""

    def __init__(self, turn: int) -> None:
        self.turn = turn
        self.ended: SpeechEnded | None = None
        self.transcript: Transcript | None = None
        self.last_played: Played | None = None
        self.closed: Closed | None = None
        self._pauses: dict[int, SpeechPaused] = {}
        self._begun: dict[int, Transcript] = {}
        """Per revision: the words that the thinker began with."""
        self._clauses: dict[int, dict[int, Clause]] = {}
        self._first_chunks: dict[int, SpeechChunk] = {}
        self._revisions: set[int] = set()
        self._recalled: dict[int, Recalled] = {}
        self._missed: Notice | None = None
        """Said when the deadline was over."""

    def feed(self, frame: TurnFrame) -> None:
        """Take notice of a frame of this turn."""
        match frame:
            case SpeechPaused():
                self._revisions.add(frame.revision)
                self._pauses[frame.revision] = frame
            case SpeechEnded():
                self._revisions.add(frame.revision)
                self.ended = frame
            case Transcript(state="candidate" | "final"):
                self._understood(frame)
            case Recalled():
                self._recalled[frame.revision] = frame
            case Clause():
                self._clauses.setdefault(frame.revision, {})[frame.index] = frame
            case SpeechChunk() if frame.clause == 0 and frame.first_sample == 0:
                self._first_chunks.setdefault(frame.revision, frame)
            case Notice(reason="deadline"):
                self._missed = frame
            case Played(last=True):
                self.last_played = frame
            case Closed():
                self.closed = frame

    def _understood(self, frame: Transcript) -> None:
        self._revisions.add(frame.revision)
        self._begun.setdefault(frame.revision, frame)
        if frame.state == "final":
            self.transcript = frame

    @property
    def has_words(self) -> bool:
        """Return whether anything was said that wants an answer."""
        return self.transcript is not None and bool(self.transcript.text)

    @property
    def is_of_interest(self) -> bool:
        """Return whether the user spoke, as far as is known: a reason is given for words alone."""
        return self.has_words or (self.closed is not None and self.closed.reason == "given_up")

    @property
    def is_noise(self) -> bool:
        """Return whether it was closed because nothing was said that wants an answer."""
        return self.closed is not None and self.closed.reason in ("no_words", "no_answer")

    @property
    def interrupted(self) -> bool:
        """Return whether the user spoke over the answer."""
        return self.closed is not None and self.closed.reason == "cancelled"

    @property
    def answered(self) -> bool:
        """Return whether an answer was heard to its end."""
        return self.closed is not None and self.closed.reason == "answered"

    @property
    def outcome(self) -> str:
        """Return in a word or two how it ended."""
        if self.answered:
            return "answered"
        if self.interrupted:
            return "interrupted"
        return "no answer wanted" if self.is_noise else "not answered"

    @property
    def answer(self) -> str:
        """Return the whole answer to what was said in the end, heard or not."""
        if self.is_noise:
            return ""  # what was thought ahead is nobody's answer
        clauses = self._clauses.get(self._revision, {})
        return " ".join(clauses[index].text for index in sorted(clauses)).strip()

    def as_json(self, clock_ns: int, *, realtime: bool) -> dict[str, Any]:
        """Return the turn as `ask --json` prints it.

        clock_ns: the monotonic instant of sample 0. realtime: the capture clock kept up with it.
        """
        first_sound_s = self._first_sound_s()
        end_s = self.ended.speech_end_sample / SAMPLE_RATE if self.ended else None
        return {
            "turn": self.turn,
            "transcript": self.transcript.text if self.transcript else "",
            "language": self.transcript.language if self.transcript else "",
            "emotion": dict(zip(EMOTIONS, self._emotion(), strict=False)),
            "retrieved": [passage.text for passage in self._retrieved()],
            "answer": self.answer,
            "heard": self.last_played.text if self.last_played else "",
            "speech_end_s": _rounded(end_s, 3),
            "first_sound_s": _rounded(first_sound_s, 3),
            "voice_to_voice_ms": _rounded(self._waited_ms, 1),
            "steps_ms": self._steps_ms(clock_ns, realtime=realtime),
            "revisions": len(self._revisions),
            "redelivered": self.closed.redelivered if self.closed else 0,
        }

    @property
    def times(self) -> TurnTimes:
        """Return what the user waited for, and for whom; nothing of a turn that was stopped.

        Of one that missed its deadline: the stage that had not come to an end took until then.
        """
        ended, missed = self.ended, self._missed
        total_ms = self._waited_ms if missed is None else _between_ms(ended, missed)
        if total_ms is None or not (missed or self.answered):
            return _NO_TIMES
        begun, first_clause, first_chunk = self._steps
        paused = self._pauses.get(self._revision, ended if missed else None)
        return TurnTimes(
            total_ms=total_ms,
            encoder_ms=_between_ms(paused, begun or missed),
            thinker_ms=_between_ms(begun, first_clause or missed),
            talker_ms=_between_ms(first_clause, first_chunk or missed),
        )

    @property
    def _steps(self) -> tuple[Transcript | None, Clause | None, SpeechChunk | None]:
        """The words that were answered, the first clause and its first sound."""
        revision = self._revision
        first_clause = self._clauses.get(revision, {}).get(0)
        return self._begun.get(revision), first_clause, self._first_chunks.get(revision)

    @property
    def _revision(self) -> int:
        """The guess that was right; -1 where none was."""
        confirmed = self.transcript or self.ended
        return -1 if confirmed is None else confirmed.revision

    def _retrieved(self) -> Sequence[Passage]:
        recalled = self._recalled.get(self._revision)
        return () if recalled is None else recalled.passages

    def _emotion(self) -> Sequence[float]:
        return self.transcript.emotion if self.transcript else ()

    @property
    def _waited_ms(self) -> float | None:
        """From the last word to the first sound of the answer."""
        first_sound_s = self._first_sound_s()
        if first_sound_s is None or self.ended is None:
            return None
        return 1000 * (first_sound_s - self.ended.speech_end_sample / SAMPLE_RATE)

    def _first_sound_s(self) -> float | None:
        played = self.last_played
        if played is None or not played.text:
            return None
        return played.first_clock_sample / SAMPLE_RATE

    def _steps_ms(self, clock_ns: int, *, realtime: bool) -> dict[str, float | None]:
        ended = self.ended
        endpoint_ms = None
        if ended is not None:
            audio_ms = (ended.sample - ended.speech_end_sample) * 1000 / SAMPLE_RATE
            said_ns = clock_ns + ended.speech_end_sample * 1_000_000_000 // SAMPLE_RATE
            endpoint_ms = (ended.at_ns - said_ns) / 1e6 if realtime else audio_ms
        begun, first_clause, first_chunk = self._steps
        return {
            "endpoint": _rounded(endpoint_ms, 1),
            "encoder": _between_ms(ended, self.transcript),
            "first_clause": _between_ms(begun, first_clause),
            "first_chunk": _between_ms(first_clause, first_chunk),
        }


def _between_ms(earlier: TurnFrame | None, later: TurnFrame | None) -> float | None:
    if earlier is None or later is None:
        return None
    return _rounded((later.at_ns - earlier.at_ns) / 1e6, 1)


def _rounded(number: float | None, digits: int) -> float | None:
    return None if number is None else round(number, digits)
