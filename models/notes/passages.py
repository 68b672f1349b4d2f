"""The paragraphs of a document in, passages short enough to be read to somebody out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

_SENTENCE_END: Final = re.compile(r"(?<=[.!?…:;])[\"»”)]*\s+")


class Paragraph(Struct, frozen=True):
    """A paragraph as it stands in a document."""

    text: str
    heading: str = ""
    place: str = ""
    """Where it stands, as one would say it: "page 3"; empty: the document has no places."""


def passages_of(paragraphs: Iterable[Paragraph], most_words: int) -> Iterator[Paragraph]:
    """Yield passages of `most_words` at most, cut at ends of paragraphs, else of sentences.

    Paragraphs under one heading share a passage while they fit; no passage has two headings or
    two places. Only a sentence that is longer than a passage is cut within.
    """
    held: Paragraph | None = None
    for paragraph in paragraphs:
        for piece in _pieces(" ".join(paragraph.text.split()), most_words):
            joint = f"{held.text} {piece}" if held else piece
            if held and _same_place(held, paragraph) and _count(joint) <= most_words:
                held = Paragraph(joint, held.heading, held.place)
                continue
            if held:
                yield held
            held = Paragraph(piece, paragraph.heading, paragraph.place)
    if held:
        yield held


def _same_place(one: Paragraph, other: Paragraph) -> bool:
    return (one.heading, one.place) == (other.heading, other.place)


def _pieces(text: str, most_words: int) -> Iterator[str]:
    """Yield a paragraph whole if it fits, else its sentences, else parts of them."""
    if not text:
        return
    if _count(text) <= most_words:
        yield text
        return
    for sentence in _SENTENCE_END.split(text):
        words = sentence.split()
        for start in range(0, len(words), most_words):
            yield " ".join(words[start : start + most_words])


def _count(text: str) -> int:
    return len(text.split())
