"""A place in a text in; whether a clause can end there out. Pure, Spanish and English.

A full stop ends no clause inside a number (3.5, 1,000, 10:30), an abbreviation (Sr., p. ej.,
e.g., EE. UU., 7 a.m.) or an address (example.com).
"""

from __future__ import annotations

import enum
import re
from typing import Final

CANDIDATES: Final = re.compile(r"[.?!…]+|[,;:]|\n+|(?<=\s)[\u2013\u2014]+(?=\s)")
"""Where a clause might end."""

CLOSERS: Final = "\"'\u201d\u2019»)]}*_"
"""What may stand between the punctuation and the space, and belongs to the clause."""

_OPENERS: Final = "¿¡\"'\u201c\u2018«([{*_#->"
_DASHES: Final = "\u2013\u2014"
_ADDRESS: Final = re.compile(r"://|^www\.|@|/")
_PLAIN_WORD: Final = re.compile(r"[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*")
_NUMBER: Final = re.compile(r"[\d.,:/%€$-]*\d[\d.,:/%€$-]*")
_SCHEMES: Final = frozenset({"http", "https", "ftp", "mailto"})

_BEFORE_NAMES: Final = re.compile(
    r"sr|sra|srta|sres|dr|dra|prof|profa|d|dña|ud|uds|vd|vds|gral|lic|ing|arq|avda|av"
    r"|fco|mª|mr|mrs|ms|st|jr|ej|e\.g|i\.e|p\.ej|cf|vs|ee|dept|gen|sgt|capt|rev|hon|sta"
    r"|sto"
)
"""Abbreviations after which the sentence always goes on."""

_BEFORE_NUMBERS: Final = re.compile(
    r"no|nº|núm|num|art|pág|pag|págs|pp|vol|cap|fig|tel|ca|aprox|approx|sec"
)
"""Abbreviations only in front of a number: "No. 5", but "No. I do not"."""

_AT_THE_END: Final = re.compile(r"etc|uu|min|mín|max|máx|km|kg|cm|mm|seg|h|hr|hrs|inc|ltd|co|s\.a")
"""Abbreviations that may end a sentence: they do where a capital follows."""


class Ending(enum.Enum):
    """What a place is."""

    NONE = enum.auto()
    UNKNOWN = enum.auto()
    """The characters behind it must come first."""
    SOFT = enum.auto()
    """A comma and its like."""
    HARD = enum.auto()
    """The end of a sentence."""
    LINE = enum.auto()
    """The end of a line: of a paragraph, or of an entry of a list."""


def judge(text: str, start: int, end: int) -> Ending:
    """Return what the candidate text[start:end] is.

    Says UNKNOWN no more often than it must: each time costs a token's wait.
    """
    mark = text[start:end]
    if "\n" in mark:
        return Ending.LINE
    word = re.split(r"\s", text[:start])[-1].lstrip(_OPENERS)
    behind = text[end:].lstrip(CLOSERS)
    if mark[0] in _DASHES:
        return Ending.SOFT
    if mark == ".":
        return _full_stop(text[:start], word, behind)
    return _other_mark(mark, word, behind)


def ends_sentence(clause: str) -> bool:
    """Return whether a clause, as it was cut, is the end of a sentence."""
    return clause.rstrip(CLOSERS).endswith((".", "?", "!", "…"))


def _other_mark(mark: str, word: str, behind: str) -> Ending:
    ending = Ending.HARD if mark[0] in ".?!…" else Ending.SOFT
    if not behind:
        told = _PLAIN_WORD.fullmatch(word) and not (mark == ":" and word.lower() in _SCHEMES)
        return ending if told and mark[0] != "." else Ending.UNKNOWN
    if behind[0].isspace():
        return ending
    inside = _ADDRESS.search(word + mark + behind[:2]) or ending is Ending.SOFT
    return Ending.NONE if inside else ending


def _full_stop(before: str, word: str, behind: str) -> Ending:
    if not behind:
        return Ending.UNKNOWN
    if not behind[0].isspace():
        return Ending.NONE
    if _NUMBER.fullmatch(word):
        line = before[before.rfind("\n") + 1 :].strip()
        return Ending.NONE if line == word else Ending.HARD  # "1." begins an entry of a list
    known = word.lower().rstrip(".")
    if _BEFORE_NAMES.fullmatch(known) or (len(word) == 1 and word.isalpha()):
        return Ending.NONE
    return _by_what_follows(known, behind.lstrip()[:1])


def _by_what_follows(word: str, follows: str) -> Ending:
    before_number = _BEFORE_NUMBERS.fullmatch(word)
    at_the_end = _AT_THE_END.fullmatch(word) or "." in word
    if not (before_number or at_the_end):
        return Ending.HARD
    if not follows:
        return Ending.UNKNOWN
    if before_number:
        return Ending.NONE if follows.isdigit() else Ending.HARD
    return Ending.HARD if follows.isupper() or follows in "¿¡" else Ending.NONE
