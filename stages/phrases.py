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
        self._wanted = tuple(wanted)
        self._unmade = deque(self._wanted)

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
        """Do one step of making what is wanted; what would not fit is left."""
        phrase = self._unmade[0]
        take = self.take(phrase, lambda: make(phrase))
        if take.is_whole or self._held_bytes > self._most_bytes:
            self._unmade.popleft()
        else:
            take.go_on()

    def clear(self) -> None:
        """Forget all: another voice speaks, or memory is short. It is made again when wanted."""
        self._takes.clear()

    @property
    def _held_bytes(self) -> int:
        return sum(take.held_bytes for take in self._takes.values())
