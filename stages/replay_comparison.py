"""What was recorded and what was made again in; each difference in words out. Pure.

Compared is what counted: the confirmed revision of each turn, times and numbering of guesses left
out. Of a turn that was interrupted a part was recorded, and that part must be the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bus.frames import (
    SAMPLE_RATE,
    AudioChunk,
    Clause,
    Closed,
    Played,
    SpeechChunk,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    Transcript,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bus.frames import AnyFrame

TurnKey: TypeAlias = tuple[str, int]
Part: TypeAlias = bytes | str
"""A text, or sound."""


class Outcome:
    """What came of the turns in a stream of frames."""

    def __init__(self, frames: Iterable[AnyFrame]) -> None:
        self.confirmed: dict[TurnKey, int] = {}
        self.whole: set[TurnKey] = set()
        """Turns that were answered to their end."""
        self._parts: dict[tuple[TurnKey, int], dict[str, Part]] = {}
        self._heard: dict[tuple[TurnKey, int], str] = {}
        self._utterances: dict[TurnKey, dict[int, bytes]] = {}
        self._boundaries: dict[TurnKey, list[str]] = {}
        self.spoken_s = self.answer_s = 0.0
        """How long the sound lasts that people said, and that was made for them."""
        for frame in frames:
            self._feed(frame)

    def of(self, key: TurnKey, revision: int) -> dict[str, Part]:
        """Return the parts of a turn by what they are called: texts, and sound as bytes."""
        parts = dict(self._parts.get((key, revision), {}))
        if (heard := self._heard.get((key, revision))) is not None:
            parts["heard"] = heard
        if (chunks := self._utterances.get(key)) is not None:
            parts["utterance"] = b"".join(chunks[sample] for sample in sorted(chunks))
        if (boundaries := self._boundaries.get(key)) is not None:
            parts["boundaries"] = ", ".join(boundaries)
        return parts

    def _feed(self, frame: AnyFrame) -> None:
        match frame:
            case AudioChunk():
                chunks = self._utterances.setdefault((frame.session, frame.turn), {})
                chunks[frame.first_sample] = frame.pcm
                self.spoken_s += len(frame.pcm) / 2 / SAMPLE_RATE
            case SpeechStarted() | SpeechPaused() | SpeechResumed():
                self._bound(frame)
            case SpeechEnded():
                self._bound(frame)
                self.confirmed[frame.session, frame.turn] = frame.revision
            case Closed(reason="answered"):
                self.whole.add((frame.session, frame.turn))
            case Transcript(state="final"):
                self._put(frame, "transcript", f"[{frame.language}] {frame.text}")
            case Clause():
                self._put(frame, f"clause {frame.index}", frame.text)
            case SpeechChunk():
                self.answer_s += len(frame.pcm) / 2 / frame.rate
                name = f"sound of clause {frame.clause}"
                before = self._of(frame).get(name, b"")
                if isinstance(before, bytes) and len(before) == 2 * frame.first_sample:
                    self._put(frame, name, before + frame.pcm)
            case Played(last=True):
                self._heard[(frame.session, frame.turn), frame.revision] = frame.text
            case _:
                return

    def _bound(self, frame: SpeechStarted | SpeechPaused | SpeechResumed | SpeechEnded) -> None:
        boundaries = self._boundaries.setdefault((frame.session, frame.turn), [])
        end = getattr(frame, "speech_end_sample", "")
        boundaries.append(f"{type(frame).__name__} {frame.revision} {frame.sample} {end}".strip())

    def _of(self, frame: Transcript | Clause | SpeechChunk) -> dict[str, Part]:
        return self._parts.setdefault(((frame.session, frame.turn), frame.revision), {})

    def _put(self, frame: Transcript | Clause | SpeechChunk, name: str, part: Part) -> None:
        self._of(frame)[name] = part


def pairs(
    recorded: Outcome, again: Outcome, kinds: tuple[str, ...]
) -> Iterator[tuple[TurnKey, str, Part, Part | None]]:
    """Yield turn, name and both versions of each part that counts.

    kinds: what the stages that ran again make: utterance, transcript, clause, sound, heard.
    """
    for key, revision in recorded.confirmed.items():
        made = again.of(key, revision)
        for name, part in recorded.of(key, revision).items():
            if name.startswith(kinds) and (key in recorded.whole or name != "heard"):
                yield key, name, part, made.get(name)


def differences(
    recorded: Outcome, again: Outcome, kinds: tuple[str, ...]
) -> dict[TurnKey, list[str]]:
    """Return, by turn, a line for each part of the recording that was not made the same again."""
    found: dict[TurnKey, list[str]] = {}
    for key, name, part, made in pairs(recorded, again, kinds):
        lines = _difference(f"turn {key[1]}: {name}", part, made)
        if lines:
            found.setdefault(key, []).extend(lines)
    return found


def _difference(where: str, recorded: Part, made: Part | None) -> list[str]:
    if made is None:
        return [] if not recorded else [f"{where}: was not made again"]
    if isinstance(recorded, bytes) and isinstance(made, bytes):
        if made[: len(recorded)] == recorded:
            return []
        pairs = enumerate(zip(recorded, made, strict=False))
        first = next((at for at, (old, new) in pairs if old != new), min(len(recorded), len(made)))
        return [f"{where}: differs from sample {first // 2} on"]
    return [] if made == recorded else [f"{where}: was {recorded!r}, is {made!r}"]
