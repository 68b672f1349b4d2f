"""Pieces of an answer in, clauses out: each as early as it can be spoken well. Pure.

The first clause leaves at the first comma, because the user waits for it. While it is spoken the
model writes several times its length, so that each later clause may wait for a better end: three
times as long before a comma will do, then for sentence ends only. But none waits so long that
what was said before it would be over: then any comma will do, or a word like "and" or "because".
"""

from __future__ import annotations

import re
from typing import Final

from stages.clause_ends import CANDIDATES, CLOSERS, Ending, judge

_FIRST_LONGEST: Final = 60
"""Characters of a first clause without punctuation: four seconds of speech."""

_PATIENCE: Final = 3
"""Growth of the shortest clause that may end at a comma. Speech takes about 15 characters a
second, the model writes about 70: with a factor of 3 the next clause is there in time."""

_WRITTEN_PER_SPOKEN: Final = 3
"""Characters that are written, at the least, while one is spoken: half of what an idle machine
does (see _PATIENCE), for the talker works beside the model, and other programs do."""

_WORD_GAP: Final = re.compile(r"(?<=\w)\s+(?=[^\W\d])|(?<=[^\W\d])\s+(?=\w)")
_CONNECTIVE: Final = re.compile(
    r"\s+(?=(?:and|but|or|because|so|which|that|when|while|if|with|for"
    r"|y|e|o|u|pero|porque|que|cuando|mientras|si|con|para|aunque)\s)",
    re.IGNORECASE,
)


class ClauseSplitter:
    """Splits one answer.

    first_min: characters below which no clause leaves but at the end of a line or of the answer.
    longest: characters above which a clause is cut at the best place there is.
    """

    def __init__(self, first_min: int, longest: int) -> None:
        self._least = first_min
        self._comma_from = first_min
        self._longest = longest
        self._limit = self._due = min(longest, _FIRST_LONGEST)
        self._first = self._spoken = 0
        """Characters of the first clause, and of all so far."""
        self._text = ""
        self._may_close = False
        """The clause left before its closing quote could come: that is dropped."""

    def feed(self, piece: str) -> list[str]:
        """Return the clauses that `piece` completes."""
        self._text += piece
        if self._may_close:
            self._text = self._text.lstrip(CLOSERS + "?!")
            self._may_close = not self._text
        clauses = []
        while (end := self._end()) is not None:
            clause, self._text = self._text[:end].strip(), self._text[end:]
            self._may_close = not self._text
            if _has_words(clause):
                clauses.append(clause)
                self._comma_from = min(self._longest, self._comma_from * _PATIENCE)
                self._limit = min(self._longest, self._limit * _PATIENCE)
                self._be_in_time(len(clause))
        return clauses

    def finish(self) -> str | None:
        """Return what is left when the answer has ended; None where there is nothing to say."""
        rest, self._text = self._text.strip(), ""
        return rest if _has_words(rest) else None

    def _end(self) -> int | None:
        """Return where the clause at the beginning of the text ends, if that can be told."""
        lead = len(self._text) - len(self._text.lstrip())
        for found in CANDIDATES.finditer(self._text):
            ending = judge(self._text, found.start(), found.end())
            if found.start() - lead >= self._limit or ending is Ending.UNKNOWN:
                break
            if self._is_end(ending, self._text[lead : found.end()]):
                return _with_closers(self._text, found.end())
        written = len(self._text) - lead
        if written > self._limit:
            return self._forced_end()
        return self._early_end() if written > self._due else None

    def _be_in_time(self, said: int) -> None:
        """Set the length at which the next clause is due, so that no silence comes before it.

        Speech began when the first clause was written; by its end so far _WRITTEN_PER_SPOKEN times
        as much has been written as was spoken.
        """
        self._first = self._first or said
        self._spoken += said
        due = self._first + (_WRITTEN_PER_SPOKEN - 1) * self._spoken
        self._due = min(self._limit, max(due, self._least))

    def _early_end(self) -> int | None:
        """Return a place that will do for a clause that is due: a comma, a connective."""
        soft, connectives = self._soft_ends(self._text), self._connectives(self._text)
        for places in (soft, connectives):
            fitting = [place for place in places if place >= self._least]
            before = [place for place in fitting if place <= self._due]
            if fitting:
                return before[-1] if before else fitting[0]
        return None

    def _is_end(self, ending: Ending, clause: str) -> bool:
        comma_from = min(self._comma_from, self._due)
        least = {Ending.LINE: 0, Ending.HARD: self._least, Ending.SOFT: comma_from}
        return ending in least and len(clause) >= least[ending] and _has_words(clause)

    def _forced_end(self) -> int | None:
        """Return the best place to cut a text that is too long: comma, connective, any gap."""
        text = self._text[: self._limit + 1]
        soft, connectives = self._soft_ends(text), self._connectives(text)
        gaps = [found.start() for found in _WORD_GAP.finditer(self._text)]
        before = [gap for gap in gaps if gap <= self._limit]
        for places in (soft, connectives, before):
            if places and places[-1] >= self._least:
                return places[-1]
        return gaps[0] if gaps else None

    def _soft_ends(self, text: str) -> list[int]:
        """Return the ends of commas and their like in a beginning of the text."""
        return [
            found.end()
            for found in CANDIDATES.finditer(text)
            if judge(self._text, found.start(), found.end()) in {Ending.SOFT, Ending.HARD}
        ]

    def _connectives(self, text: str) -> list[int]:
        return [found.start() for found in _CONNECTIVE.finditer(text)]


def _with_closers(text: str, end: int) -> int:
    while end < len(text) and text[end] in CLOSERS:
        end += 1
    return end


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
