"""Text in, the same with signs that have a name written out in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_SIGNS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "es": (
        (r"#(?=\d)", "número "), (r"(?<=\bC)#", " sharp"), (r"(?<=\bF)#", " sharp"),
        (r"(?<=\d) ?[x\u00d7*·] ?(?=\d)", " por "), (r"(?<=\d) ?÷ ?(?=\d)", " entre "),
        (r"(?<=\w) ?\^ ?2\b|²", " al cuadrado"), (r"(?<=\w) ?\^ ?3\b|³", " al cubo"),
        (r"(?<=\d) ?\^ ?(?=\d)", " elevado a "), (r"(?<=\d) ?- (?=\d)", " menos "),
        (r"\+", " más "), (r"<=|≤", " menor o igual que "), (r">=|≥", " mayor o igual que "),
        (r"=", " igual a "),
        (r" ?&amp; ?| ?& ?", " y "), (r"@", " arroba "), (r"[→⇒]|[-=]>", ", "),
        (r"±", " más menos "), (r"≠", " distinto de "),
        (r"√", " raíz de "), (r"π", " pi "), (r"§", " sección "), (r"%", " por ciento "),
        (r"€", " euros "), (r"£", " libras "), (r"\$", " dólares "), (r"°", " grados "),
        (r"(?<=[A-Z])/(?=[A-Z])", " "), (r"(?<=\w)/(?=[^\W\d])", " o "),
    ),
    "en": (
        (r"#(?=\d)", "number "), (r"(?<=\bC)#", " sharp"), (r"(?<=\bF)#", " sharp"),
        (r"(?<=\d) ?[x\u00d7*·] ?(?=\d)", " times "), (r"(?<=\d) ?÷ ?(?=\d)", " divided by "),
        (r"(?<=\w) ?\^ ?2\b|²", " squared"), (r"(?<=\w) ?\^ ?3\b|³", " cubed"),
        (r"(?<=\d) ?\^ ?(?=\d)", " to the power of "), (r"(?<=\d) ?- (?=\d)", " minus "),
        (r"\+", " plus "), (r"<=|≤", " at most "), (r">=|≥", " at least "), (r"=", " equals "),
        (r" ?&amp; ?| ?& ?", " and "), (r"@", " at "), (r"[→⇒]|[-=]>", ", "),
        (r"±", " plus or minus "), (r"≠", " is not "),
        (r"√", " root of "), (r"π", " pi "), (r"§", " section "), (r"%", " percent "),
        (r"€", " euros "), (r"£", " pounds "), (r"\$", " dollars "), (r"°", " degrees "),
        (r"(?<=[A-Z])/(?=[A-Z])", " "), (r"(?<=\w)/(?=[^\W\d])", " or "),
    ),
}  # fmt: skip


def spoken_signs(text: str, language: str) -> str:
    """Return `text` with `+`, `=`, `&`, `#1` in words; language: "es" or "en"."""
    for pattern, words in _PATTERNS[language]:
        text = pattern.sub(words, text)
    return text


_PATTERNS: Final = {
    language: tuple((re.compile(sign), words) for sign, words in table)
    for language, table in _SIGNS.items()
}
