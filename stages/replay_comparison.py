"""What was recorded and what was made again in; each difference in words out. Pure.

Compared is what counted: the confirmed revision of each turn, times and numbering of guesses left
out. Of a turn that was interrupted a part was recorded, and that part must be the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from bus.frames import Clause, Closed, Played, SpeechChunk, SpeechEnded, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bus.frames import AnyFrame

TurnKey: TypeAlias = tuple[str, int]
_ANSWERED: Final = "answered"


class Outcome:
    """What came of the turns in a stream of frames."""

    def __init__(self, frames: Iterable[AnyFrame]) -> None:
        self.confirmed: dict[TurnKey, int] = {}
        self.whole: set[TurnKey] = set()
        """Turns that were answered to their end."""
        self._parts: dict[tuple[TurnKey, int], dict[str, bytes | str]] = {}
        self._heard: dict[tuple[TurnKey, int], str] = {}
        for frame in frames:
            self._feed(frame)

    def of(self, key: TurnKey, revision: int) -> dict[str, bytes | str]:
        """Return the parts of a turn by what they are called: texts, and sound as bytes."""
        parts = dict(self._parts.get((key, revision), {}))
        heard = self._heard.get((key, revision))
        return parts if heard is None else {**parts, "heard": heard}

    def _feed(self, frame: AnyFrame) -> None:
        match frame:
            case SpeechEnded():
                self.confirmed[frame.session, frame.turn] = frame.revision
            case Closed(reason="answered"):
                self.whole.add((frame.session, frame.turn))
            case Transcript(state="final"):
                self._put(frame, "transcript", f"[{frame.language}] {frame.text}")
            case Clause():
                self._put(frame, f"clause {frame.index}", frame.text)
            case SpeechChunk():
                name = f"sound of clause {frame.clause}"
                before = self._of(frame).get(name, b"")
                if isinstance(before, bytes) and len(before) == 2 * frame.first_sample:
                    self._put(frame, name, before + frame.pcm)
            case Played(last=True):
                self._heard[(frame.session, frame.turn), frame.revision] = frame.text
            case _:
                return

    def _of(self, frame: Transcript | Clause | SpeechChunk) -> dict[str, bytes | str]:
        return self._parts.setdefault(((frame.session, frame.turn), frame.revision), {})

    def _put(self, frame: Transcript | Clause | SpeechChunk, name: str, part: bytes | str) -> None:
        self._of(frame)[name] = part


def differences(recorded: Outcome, again: Outcome, kinds: tuple[str, ...]) -> list[str]:
    """Return a line for each part of the recording that was not made the same again.

    kinds: what the stages that ran again make: transcript, clause, sound, heard.
    """
    found = []
    for key, revision in recorded.confirmed.items():
        made = again.of(key, revision)
        for name, part in recorded.of(key, revision).items():
            if name.startswith(kinds) and (key in recorded.whole or name != "heard"):
                found += _difference(f"turn {key[1]}: {name}", part, made.get(name))
    return found


def _difference(where: str, recorded: bytes | str, made: bytes | str | None) -> list[str]:
    if made is None:
        return [] if not recorded else [f"{where}: was not made again"]
    if isinstance(recorded, bytes) and isinstance(made, bytes):
        if made[: len(recorded)] == recorded:
            return []
        pairs = enumerate(zip(recorded, made, strict=False))
        first = next((at for at, (old, new) in pairs if old != new), min(len(recorded), len(made)))
        return [f"{where}: differs from sample {first // 2} on"]
    return [] if made == recorded else [f"{where}: was {recorded!r}, is {made!r}"]


def compared_turns(recorded: Outcome) -> int:
    """Return how many turns have a confirmed end."""
    return len(recorded.confirmed)
