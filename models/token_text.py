"""Bytes of tokens in, whole characters out that no stop string can still swallow. Pure."""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class TokenText:
    """Text of an answer on its way out.

    Tokens may end inside a character, and a stop string may begin at the end of any of them: both
    are held back until the rest has come.
    """

    def __init__(self, stop: Sequence[str]) -> None:
        self._stop = tuple(filter(None, stop))
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self.stopped = False
        """A stop string has come; nothing follows."""

    def feed(self, piece: bytes) -> str:
        """Return the text that `piece` makes certain."""
        return self._release(self._decoder.decode(piece))

    def finish(self) -> str:
        """Return what was held back and turned out to be text."""
        text = self._release(self._decoder.decode(b"", final=True))
        rest, self._held = self._held, ""
        return text + rest

    def _release(self, text: str) -> str:
        if self.stopped:
            return ""
        self._held += text
        found = [at for at in (self._held.find(stop) for stop in self._stop) if at >= 0]
        if found:
            self.stopped = True
            text, self._held = self._held[: min(found)], ""
            return text
        certain = len(self._held) - self._longest_beginning()
        text, self._held = self._held[:certain], self._held[certain:]
        return text

    def _longest_beginning(self) -> int:
        """Return the length of the longest end of the held text that begins a stop string."""
        return max(
            (
                length
                for stop in self._stop
                for length in range(1, len(stop))
                if self._held.endswith(stop[:length])
            ),
            default=0,
        )
