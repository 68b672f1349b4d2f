"""The path of a document in, its paragraphs with headings and places out: txt, md, pdf, html."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.notes.errors import DocumentUnreadable
from models.notes.passages import Paragraph

if TYPE_CHECKING:
    from bs4.element import PageElement, Tag

KINDS: Final = (".txt", ".md", ".pdf", ".html", ".htm")

_BLANK_LINES: Final = re.compile(r"\n\s*\n")
_MARKDOWN_HEADING: Final = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_MARKDOWN_CODE: Final = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_MARKDOWN_KEPT: Final = re.compile("\0(\\d+)\0")
_MARKDOWN_MARKS: Final = (
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"^\s*(?:[-*+]|>|\d+[.)])\s+", re.MULTILINE), ""),
)
_MARKDOWN_EMPHASIS: Final = (
    re.compile(r"(?<![\w*])(\*{1,3})(?![\s*])(.+?)(?<!\s)\1(?![\w*])"),
    re.compile(r"(?<![\w./])(_{1,3})(?![\s_])(.+?)(?<!\s)\1(?!\w|[./]\w)"),
    re.compile(r"(?<![\w~])(~{1,2})(?![\s~])(.+?)(?<!\s)\1(?![\w~])"),
)
"""The same sign on both sides and no word outside: "2*3*4" and "__init__.py" have none."""
_HTML_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_HTML_TEXTS: Final = ("p", "li", "td", "th", "pre", "blockquote", "dt", "dd", "figcaption")
_HTML_PARTS: Final = (*_HTML_HEADINGS, "div", "section", "article", "main", "body")
_HTML_NO_TEXTS: Final = ("title", "script", "style", "nav", "template", "noscript")


def files_below(path: Path) -> list[Path]:
    """Return the file, or of a folder and those in it every file of a known kind, sorted."""
    if path.is_dir():
        found = (each for each in path.rglob("*") if each.suffix.lower() in KINDS)
        return sorted(each for each in found if each.is_file())
    return [path]


def read_document(path: Path, data: bytes) -> list[Paragraph]:
    """Return the paragraphs of a document's bytes; its kind is told by the path's ending.

    Raises DocumentUnreadable, also where there is no text in it.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise DocumentUnreadable(f"{path}: not one of {', '.join(KINDS)}; convert it first")
    try:
        paragraphs = list(_pdf(data) if kind == ".pdf" else _written(kind, data))
    except UnicodeDecodeError as error:
        raise DocumentUnreadable(f"{path}: not UTF-8 text; save it as UTF-8") from error
    except DocumentUnreadable as error:
        raise DocumentUnreadable(f"{path}: {error}") from error
    if not any(paragraph.text.strip() for paragraph in paragraphs):
        raise DocumentUnreadable(f"{path}: holds no text; a scanned page needs OCR first")
    return paragraphs


def _written(kind: str, data: bytes) -> Iterator[Paragraph]:
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    if kind == ".md":
        return _markdown(text)
    if kind == ".txt":
        return (Paragraph(each) for each in _BLANK_LINES.split(text))
    return _html(text)


def _markdown(text: str) -> Iterator[Paragraph]:
    heading = ""
    lines: list[str] = []
    for line in (*text.split("\n"), ""):
        found = _MARKDOWN_HEADING.match(line)
        if line.strip() and not found:
            lines.append(line)
            continue
        if lines:
            yield Paragraph(_without_signs("\n".join(lines)), heading)
            lines = []
        if found:
            heading = _without_signs(found[1])


def _without_signs(text: str) -> str:
    """Return the words of a markdown paragraph; what is written as code stays as it is."""
    code: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        code.append(found[2].strip())
        return f"\0{len(code) - 1}\0"

    text = _MARKDOWN_CODE.sub(put_aside, text.replace("\0", "\ufffd"))  # as CommonMark has it
    for pattern, kept in _MARKDOWN_MARKS:
        text = pattern.sub(kept, text)
    before = ""
    while text != before:  # emphasis within emphasis
        before = text
        for pattern in _MARKDOWN_EMPHASIS:
            text = pattern.sub(r"\2", text)
    return _MARKDOWN_KEPT.sub(lambda found: code[int(found[1])], text)


def _html(text: str) -> Iterator[Paragraph]:
    from bs4 import BeautifulSoup  # noqa: PLC0415 - only who remembers documents needs it

    soup = BeautifulSoup(text, "html.parser")
    for tag in soup(_HTML_NO_TEXTS):
        tag.decompose()
    heading = ""
    for _, run in groupby(soup.strings, lambda each: id(_block_of(each))):
        strings = list(run)
        words = " ".join(" ".join(strings).split())
        block = _block_of(strings[0])
        if block is not None and block.name in _HTML_HEADINGS:
            heading = words
        elif words:
            yield Paragraph(words, heading)


def _block_of(text: PageElement) -> Tag | None:
    """Return the block whose words these are; None: they stand between all blocks.

    It is the outermost that is taken as a whole, else the innermost that parts texts.
    """
    block = None
    for tag in text.parents:
        if tag.name in _HTML_TEXTS or (block is None and tag.name in _HTML_PARTS):
            block = tag
    return block


def _pdf(data: bytes) -> Iterator[Paragraph]:
    from io import BytesIO  # noqa: PLC0415 - as below

    from pypdf import PdfReader  # noqa: PLC0415 - only who remembers documents needs it

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of flaws it can live with
    try:
        for number, page in enumerate(PdfReader(BytesIO(data)).pages, 1):
            for each in _BLANK_LINES.split(page.extract_text()):
                yield Paragraph(each, place=f"p. {number}")
    except Exception as error:  # pypdf raises all kinds, of malformed and of encrypted files
        raise DocumentUnreadable(f"cannot be read as PDF ({error}); save it anew") from error
