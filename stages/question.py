"""What the user said now and what belongs to it in, the last message of a prompt out. Pure."""

from __future__ import annotations

from msgspec import Struct, structs


class Question(Struct, frozen=True):
    """The user's message: notes that were found for it, the words, how they were said."""

    words: str
    before: str = ""
    """Stands before the words, so that it can be read while they are said."""
    after: str = ""
    """Stands behind them, for it is known last: a few tokens at most."""

    @property
    def content(self) -> str:
        """Return the whole message."""
        return f"{self.before}{self.words}{self.after}"

    def saying(self, words: str) -> Question:
        """Return the same with other words."""
        return structs.replace(self, words=words)
