"""Text in, the same with telephone numbers and codes as digits, and ranges with a word. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from stages.spoken_numbers import WRITTEN, digit_words, integer_words

_TELEPHONE: Final = re.compile(
    r"(?<![\w.,])(?:\+\d{1,3}(?:[ -]?\(?\d{1,4}\)?){2,5}|\(\d{2,4}\) ?\d{3,4}[ -]?\d{3,4}"
    r"|[6-9]\d{2} \d{3} \d{3}|9\d \d{3} \d{2} \d{2}|[6-9]\d{2}(?: \d{2}){3}"
    r"|\d{3}[ .-]\d{3}[ .-]\d{4}|\d{3}-\d{4})(?!\w|[.,]\d)"
)
_LONG_CODE: Final = re.compile(r"(?<![\d.,])\d{7,}(?![\d.,]*\d)")
_RANGE: Final = re.compile(rf"(?<![\w.,-])({WRITTEN})( ?%| ?°C?)? ?- ?(?=\d)")
_MINUS: Final = re.compile(r"(?<![\w)])-(?=\d)")
_CALLED: Final = re.compile(r"(?:(?<=\b[Cc]all )|(?<=\b[Dd]ial ))\d{3}\b(?![ .-]?\d)")
_BARE_POINT: Final = re.compile(r"(?<![\w.,])\.(?=\d)")
_LESS: Final = re.compile(rf"(?<=\d) - (?=(?:{WRITTEN}) ?=)")
_APOSTROPHE: Final = re.compile(r"(?<=\d)'(?=\d{1,2}\b)")
_BETWEEN_APOSTROPHE: Final = {"es": ",", "en": " foot "}
"""2'5 is a decimal in Spanish handwriting and a height in English."""
_RATIO: Final = re.compile(r"(?<=\d):(?=\d)")
_BY: Final = re.compile(r"(?<=\d)( ?(?:m|cm|mm|km|ft|in)?) ?[x\u00d7] ?(?=\d)")
_APPROXIMATE: Final = re.compile(r"[~≈] ?(?=\d)")
_FEWER: Final = re.compile(r"(?<![<=-])< ?(?=\d)")
_MORE: Final = re.compile(r"(?<![>=-])> ?(?=\d)")
_SIGNS: Final[Mapping[str, tuple[tuple[re.Pattern[str], str], ...]]] = {
    "es": (
        (_RATIO, " a "), (_BY, r"\1 por "), (_APPROXIMATE, "unos "),
        (_FEWER, " menos de "), (_MORE, " más de "),
    ),
    "en": (
        (_RATIO, " to "), (_BY, r"\1 times "), (_APPROXIMATE, "about "),
        (_FEWER, " less than "), (_MORE, " more than "),
    ),
}  # fmt: skip
_GRADE: Final = re.compile(r"(\d[.,]\d+|\d+) ?/ ?(\d+)(?= (?:stars|estrellas|puntos|points))")
_GRADE_WITH_DECIMALS: Final = re.compile(r"(?<![\d/])(\d+[.,]\d+) ?/ ?(?=\d)")
_OUT_OF: Final = {"es": " sobre ", "en": " out of "}
_TO: Final = {"es": " a ", "en": " to "}
_BELOW_ZERO: Final = {"es": "menos ", "en": "minus "}
_PLUS: Final = {"es": "más ", "en": "plus "}


def spoken_codes(text: str, language: str) -> str:
    """Return `text` with runs of digits that count nothing spelt out; language: "es" or "en"."""
    text = _BARE_POINT.sub("0.", text)
    text = _APOSTROPHE.sub(_BETWEEN_APOSTROPHE[language], text)
    for pattern, words in _SIGNS[language]:
        text = pattern.sub(words, text)
    text = _GRADE.sub(rf"\1{_OUT_OF[language]}\2", text)
    text = _GRADE_WITH_DECIMALS.sub(rf"\1{_OUT_OF[language]}", text)
    text = _LESS.sub(f" {_BELOW_ZERO[language]}", text)
    text = _CALLED.sub(lambda found: digit_words(found[0], language), text)
    text = _TELEPHONE.sub(lambda found: _telephone(found[0], language), text)
    text = _LONG_CODE.sub(lambda found: _long_code(found[0], language), text)
    text = _RANGE.sub(lambda found: f"{found[1]}{found[2] or ''}{_TO[language]}", text)
    return _MINUS.sub(_BELOW_ZERO[language], text)


def _telephone(written: str, language: str) -> str:
    plus = _PLUS[language] if written.startswith("+") else ""
    return plus + digit_words(written, language)


def _long_code(figures: str, language: str) -> str:
    if figures.endswith("000"):
        return integer_words(figures, language)
    groups = [figures[start : start + 3] for start in range(0, len(figures), 3)]
    return digit_words(" ".join(groups), language)
