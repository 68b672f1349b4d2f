"""A text written before and the tokens written now in, a guess at the next tokens out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_FIRST_REACH: Final = 1
"""Tokens guessed after a wrong guess: a pass of two rows costs what a pass of one does."""
_GROWTH: Final = 4
"""How much longer each guess is after one that was right to its end."""
_BEHIND: Final = 3
_AHEAD: Final = 6
"""Where a token is looked for that stands elsewhere in the draft: words were added or left out."""


class DraftFollower:
    """Keeps its place in a draft while a text is written that is similar to it.

    After "What is the tim", the text "What is the time in" agrees with the draft for three
    words; after "Bat is the tim", from the second word on.
    """

    def __init__(self, draft: Sequence[int]) -> None:
        self._draft = tuple(draft)
        self._place = 0
        self._reach = len(self._draft)

    def ahead(self) -> tuple[int, ...]:
        """Return the tokens that are expected next, as many as the guesses before deserve."""
        return self._draft[self._place : self._place + self._reach]

    def note(self, written: Sequence[int]) -> None:
        """Take the tokens that were written since `ahead` was asked."""
        guess = self.ahead()
        agreed = tuple(written[: len(guess)]) == guess
        self._reach = self._reach * _GROWTH if agreed and guess else _FIRST_REACH
        for token in written:
            self._place = self._behind(token)

    def _behind(self, token: int) -> int:
        """Return the place after `token`, looked for near the present place first."""
        first, end = max(0, self._place - _BEHIND), self._place + _AHEAD
        found = [place for place in range(first, end) if self._draft[place : place + 1] == (token,)]
        if not found:
            return self._place + 1
        return 1 + min(found, key=lambda place: abs(place - self._place))
