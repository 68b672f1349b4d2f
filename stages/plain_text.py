"""What a language model writes in, plain prose out: no markdown, emoji or tags. Pure."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

_RULES: Final = (
    # Order matters: pairs of marks first, what is left of them at the end.
    (re.compile(r"^[ \t]*(?:```|~~~)[^\n]*$", re.MULTILINE), ""),
    (re.compile(r"```\w*"), ""),
    (re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t:-]*)*$", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*(?:[-*_=][ \t]*){3,}$", re.MULTILINE), ""),
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[\^[^\]]*\]:?"), ""),
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\[[^\]]*\]"), r"\1"),
    (re.compile(r"<((?:https?://|mailto:|www\.)[^>\s]+|[^<>@\s]+@[^<>@\s]+)>"), r"\1"),
    (re.compile(r"</?(?:br|p|li|ul|ol|div|tr|h[1-6])\b[^<>]*>", re.IGNORECASE), "\n"),
    (re.compile(r"</?[a-z][^<>]*>|<!--.*?-->", re.IGNORECASE | re.DOTALL), ""),
    (re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*[-*+•‣▪◦·\u2013\u2014][ \t]+(?:\[[ xX]\][ \t]+)?", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*#{1,6}[ \t]+(.*?)[ \t]*#*$", re.MULTILINE), r"\1"),
    (re.compile(r"^[ \t]*\(?(\d{1,2})[.)]\)?[ \t]+(?=\S)", re.MULTILINE), r"\1, "),
    (re.compile(r"(\*{1,3}|~~)(?=\S)(.+?)(?<=\S)\1", re.DOTALL), r"\2"),
    (re.compile(r"(?<!\w)(_{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)", re.DOTALL), r"\2"),
    (re.compile(r"`+([^`]*)`+"), r"\1"),
    (re.compile(r"(?<!\S)[:;=8xX][-'^o]?[)(DPpO3|/\\*\]\[](?=[\s.,!?]|$)|<3|\^_?\^"), ""),
    (re.compile(r"[ \t]*\|[ \t]*(?=\S)"), ", "),
    (re.compile(r"\\([()\[\]{}$%#&_*`~|])"), r"\1"),
)
_TABLE_ROW: Final = re.compile(r"^[ \t]*\|(.*?)\|?[ \t]*$", re.MULTILINE)
_PICTURES: Final = frozenset({"So", "Cs", "Co", "Cn", "Cf", "Cc"})
_SIGNS_WITH_A_NAME: Final = frozenset("°©®™№\n\t")
_JOINERS: Final = re.compile(
    "[\ufe00-\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f]"
)
_SPACES: Final = re.compile("[\u00a0\u2007\u2009\u200a\u202f]")
_LINE: Final = re.compile(r"\s*\n\s*")
_ENDS: Final = ".,;:!?…"


def plain_text(text: str) -> str:
    """Return `text` as one line of prose; each line that was there ends in a mark.

    Works on pieces too: a mark whose partner is in another piece is dropped alone.
    """
    plain = _SPACES.sub(" ", html.unescape(unicodedata.normalize("NFC", text)))
    plain = _TABLE_ROW.sub(lambda row: row[1].strip(), plain)
    for pattern, replacement in _RULES:
        plain = pattern.sub(replacement, plain)
    return _joined_lines(_without_pictures(plain))


def _without_pictures(text: str) -> str:
    """Drop emoji, dingbats, box drawing and invisible characters; signs with a name stay."""
    kept = []
    for character in _JOINERS.sub("", text):
        picture = unicodedata.category(character) in _PICTURES
        kept.append(" " if picture and character not in _SIGNS_WITH_A_NAME else character)
    return "".join(kept)


def _joined_lines(text: str) -> str:
    lines = (line.strip() for line in _LINE.split(text))
    joined = ""
    for line in lines:
        if not any(map(str.isalnum, line)):
            # A line of marks alone belongs to the one before it.
            joined += line if joined and line in _ENDS else ""
            continue
        if joined:
            joined += " " if joined[-1] in _ENDS else ". "
        joined += line
    return joined
