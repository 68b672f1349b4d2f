"""Sound of short phrases that are said again and again: made once, or before it is wanted."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stages.takes import Take

Phrase: TypeAlias = tuple[str, str, float]
"""Language, text as it is spoken, and pace: said with one voice, the same sound."""


class Phrases:
    """Keeps their takes, the ones not wanted for longest going first.

    most_characters: longer texts are no phrases. most_bytes: of the sound that is kept.
    wanted: what is made ahead, once there is time.
    """

    def __init__(self, most_characters: int, most_bytes: int, wanted: Iterable[Phrase]) -> None:
        self._most_characters = most_characters
        self._most_bytes = most_bytes
        self._takes: OrderedDict[Phrase, Take] = OrderedDict()
        self._unmade = deque(wanted)

    def is_one(self, text: str) -> bool:
        """Return whether `text` is short enough."""
        return len(text) <= self._most_characters

    def take(self, phrase: Phrase, make: Callable[[], Take]) -> Take:
        """Return the take of `phrase`; `make` begins one where there is none."""
        take = self._takes.get(phrase) or make()
        self._takes[phrase] = take
        self._takes.move_to_end(phrase)
        while len(self._takes) > 1 and self._held_bytes > self._most_bytes:
            self._takes.popitem(last=False)
        return take

    @property
    def is_complete(self) -> bool:
        """Return whether nothing is left to be made ahead."""
        return not self._unmade

    def step(self, make: Callable[[Phrase], Take]) -> None:
        """Do one step of making what is wanted; what does not fit is not made."""
        phrase = self._unmade[0]
        if phrase not in self._takes:
            self._takes[phrase] = make(phrase)
        take = self._takes[phrase]
        if take.is_whole:
            self._unmade.popleft()
        else:
            take.go_on()
        if self._held_bytes > self._most_bytes:
            del self._takes[phrase]
            self._unmade.clear()

    def clear(self) -> None:
        """Forget all: another voice speaks. It is made again when it is said."""
        self._takes.clear()
        self._unmade.clear()

    @property
    def _held_bytes(self) -> int:
        return sum(take.held_bytes for take in self._takes.values())
