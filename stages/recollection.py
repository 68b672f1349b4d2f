"""A transcript in, what the notes of this home say to it out; the same words, the same notes."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from bus.frames import Passage, Recalled
from models.router.private import is_private
from stages.source_requests import asks_for_source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bus.frames import Transcript

_TEXTS_KEPT: Final = 8
_REVISIONS_KEPT: Final = 64

_Key = TypeVar("_Key")

Lookup: TypeAlias = "Callable[[str, Sequence[float]], Sequence[Passage]]"
"""Words and their latent z in, passages out, the best one first."""


class Recollection:
    """What was found for the words of each transcript.

    lookup: finds passages; None: nobody looks. cost_tokens: of a passage as it is read.
    most_tokens: of all passages of a prompt. told: how it is said, in a language, that a note was
    told aloud.
    """

    def __init__(
        self,
        lookup: Lookup | None,
        cost_tokens: Callable[[Passage], int],
        most_tokens: int,
        told: Callable[[str], str],
    ) -> None:
        self.looks_up = True
        """False: there is no time to."""
        self._aloud = told
        self._latest: dict[str, tuple[Passage, ...]] = {}
        """By session: what the last question was answered with."""
        self._lookup = lookup
        self._cost_tokens = cost_tokens
        self._most_tokens = most_tokens
        self._found: OrderedDict[str, tuple[Passage, ...]] = OrderedDict()
        self._told: OrderedDict[tuple[str, int, int], tuple[Passage, ...]] = OrderedDict()

    def passages(self, transcript: Transcript) -> tuple[Passage, ...]:
        """Return what stands in the prompt for these words."""
        told = self._told.get((transcript.session, transcript.turn, transcript.revision))
        if told is not None and transcript.state != "partial":
            return told
        words = transcript.text.strip()
        if asks_for_source(words):
            return self._latest.get(transcript.session, ())
        if self._lookup is None or not words or not self.looks_up:
            return ()
        if words not in self._found:
            self._found[words] = self._fitting(self._lookup(words, transcript.latent))
            _bound(self._found, _TEXTS_KEPT)
        return self._found[words]

    def lines(self, transcript: Transcript) -> list[str] | None:
        """Return the passages as they are read; None where nobody would look for one.

        None of them where a note should tell, and does not: the question is about this home.
        Where they are from is told to who asks for it: it is a fifth of their tokens.
        """
        told = self._aloud(transcript.language) if asks_for_source(transcript.text) else ""
        lines = [line_of(passage, told) for passage in self.passages(transcript)]
        if lines or (self._lookup and self.looks_up and is_private(transcript.text)):
            return lines
        return None

    def learn(self, recalled: Recalled) -> None:
        """Take for given what a predecessor found, or what was found when it was recorded."""
        self._told[recalled.session, recalled.turn, recalled.revision] = recalled.passages
        _bound(self._told, _REVISIONS_KEPT)

    def to_tell(self, transcript: Transcript) -> Recalled | None:
        """Return what the log has to know of what was found; once, and nothing of nothing."""
        key = (transcript.session, transcript.turn, transcript.revision)
        passages = self.passages(transcript)
        if not asks_for_source(transcript.text):
            self._latest[transcript.session] = passages
        if key in self._told or not passages:
            return None
        recalled = Recalled(session=key[0], turn=key[1], revision=key[2], passages=passages)
        self.learn(recalled)
        return recalled

    def changed(self) -> None:
        """Take notice that the notes are others now."""
        self._found.clear()

    def _fitting(self, passages: Sequence[Passage]) -> tuple[Passage, ...]:
        """Return the best passages that fit into the budget."""
        fitting: list[Passage] = []
        room_tokens = self._most_tokens
        for passage in passages:
            room_tokens -= self._cost_tokens(passage)
            if room_tokens < 0:
                break
            fitting.append(passage)
        return tuple(fitting)


def line_of(passage: Passage, told: str = "") -> str:
    """Return a passage as it is read: in one line. told: of a note without a source; "": of none.

    A source is a document and a place in it.
    """
    text = " ".join(passage.text.split())
    return f"{text} ({passage.source or told})" if told else text


def _bound(found: OrderedDict[_Key, tuple[Passage, ...]], most: int) -> None:
    while len(found) > most:
        found.popitem(last=False)
