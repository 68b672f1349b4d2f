"""Text in, the same with abbreviations written out in full. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Final

_FULL: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "es": (
        (r"EE\.? ?UU\.?", "Estados Unidos"), (r"E\.U\.A\.?", "Estados Unidos"),
        (r"JJ\. ?OO\.", "Juegos Olímpicos"), (r"a\. ?C\.", "antes de Cristo"),
        (r"d\. ?C\.", "después de Cristo"), (r"[Pp]\. ?ej\.", "por ejemplo"),
        (r"[Ss]r\.", "señor"), (r"[Ss]ra\.", "señora"), (r"[Ss]rta\.", "señorita"),
        (r"[Ss]res\.", "señores"), (r"[Dd]r\.", "doctor"), (r"[Dd]ra\.", "doctora"),
        (r"[Pp]rof\.", "profesor"), (r"[Pp]rofa\.", "profesora"), (r"D\.ª|Dña\.", "doña"),
        (r"[UV]d\.", "usted"), (r"[UV]ds\.", "ustedes"), (r"[Ee]tc\.", "etcétera"),
        (r"[Pp]ágs?\.", "página"), (r"[Nn]úm\.|[Nn]\.?º|[Nn]ro\.|No\.(?= ?\d)", "número"),
        (r"[Ss]\.(?= [IVX]+\b)", "siglo"),
        (r"[Tt](?:el|fno|lf)\.", "teléfono"), (r"[Aa]vda\.|[Aa]v\.(?= [A-Z])", "avenida"),
        (r"C/(?= ?[A-Z])", "calle "), (r"[Aa]prox\.", "aproximadamente"),
        (r"[Mm]áx\.", "máximo"), (r"[Mm]ín\.", "mínimo"), (r"[Aa]rt\.", "artículo"),
        (r"[Cc]ap\.", "capítulo"), (r"[Vv]ol\.", "volumen"), (r"[Vv]s\.?", "contra"),
        (r"[Dd]cha\.", "derecha"), (r"[Ii]zq(?:da)?\.", "izquierda"), (r"[Ff]ig\.", "figura"),
        (r"[Ss]to\.", "santo"), (r"[Ss]ta\.", "santa"), (r"[Cc]ía\.", "compañía"),
        (r"S\. ?A\.", "S A"), (r"S\. ?L\.", "S L"), (r"[Mm]in\.", "minutos"),
        (r"[Ss]eg\.", "segundos"), (r"y/o", "y o"), (r"(?<=\d )uds\.", "unidades"),
        (r"[Ii]ncl\.", "incluido"), (r"[Dd]pto\.", "departamento"),
    ),
    "en": (
        (r"U\. ?S\. ?A\.", "U S A"), (r"U\. ?S\.", "U S"), (r"U\. ?K\.", "U K"),
        (r"[Ee]\. ?g\.,?", "for example,"), (r"[Ii]\. ?e\.,?", "that is,"),
        (r"[Mm]r\.", "Mister"), (r"[Mm]rs\.", "Missus"), (r"[Mm]s\.", "Miss"),
        (r"(?<=[a-z] )Dr\.(?=\s*(?:[.,;]|$))", "Drive"), (r"[Dd]r\.", "Doctor"),
        (r"[Pp]rof\.", "Professor"), (r"[Ee]tc\.", "et cetera"),
        (r"Ph\. ?D\.", "P H D"), (r"[Vv]s\.?", "versus"), (r"[Aa]pprox\.", "approximately"),
        (r"St\.(?= [A-Z])", "Saint"), (r"St\.", "Street"), (r"Ave\.", "Avenue"),
        (r"Rd\.", "Road"), (r"Blvd\.", "Boulevard"), (r"Mt\.(?= [A-Z])", "Mount"),
        (r"Jr\.", "Junior"), (r"Sr\.", "Senior"), (r"[Dd]ept\.", "department"),
        (r"[Ee]st\.", "established"), (r"[Mm]in\.", "minutes"), (r"[Ss]ec\.", "seconds"),
        (r"[Mm]ax\.", "maximum"), (r"[Nn]o\.(?= ?\d)|№", "number"), (r"Inc\.", "Incorporated"),
        (r"Ltd\.", "Limited"), (r"Co\.", "Company"), (r"[Ff]ig\.", "figure"),
        (r"[Vv]ol\.", "volume"), (r"[Pp]\.(?= ?\d)", "page"), (r"[Pp]p\.(?= ?\d)", "pages"),
        (r"[Tt]el\.", "telephone"), (r"w/o\b", "without"), (r"w/(?= )", "with"),
        (r"and/or", "and or"), (r"[Ii]ncl\.", "including"), (r"WWI(?!I)", "World War one"),
        (r"WWII", "World War two"), (r"[Hh]rs?\.", "hours"),
    ),
}  # fmt: skip

_END: Final = re.compile(r"\s*$")
_NEXT_SENTENCE: Final = re.compile(r"\s*$|\s+[A-ZÁÉÍÓÚÑ¿¡]")
_AT_THE_END: Final = frozenset({"etcétera", "et cetera", "Estados Unidos", "U S", "U K", "U S A"})
"""Those that often end a sentence, so that a capital letter behind them begins the next."""


def without_abbreviations(text: str, language: str) -> str:
    """Return `text` with `Sr.`, `EE. UU.`, `e.g.` in full; language: "es" or "en"."""
    for pattern, full in _PATTERNS[language]:
        text = pattern.sub(functools.partial(_in_full, full), text)
    return text


def _in_full(full: str, found: re.Match[str]) -> str:
    """Return `full`, with the stop of an abbreviation that ends its sentence too."""
    rest = found.string[found.end() :]
    ends = (_NEXT_SENTENCE if full in _AT_THE_END else _END).match(rest)
    return f"{full}." if found[0].endswith(".") and ends else full


_PATTERNS: Final = {
    language: tuple((re.compile(rf"(?<![\w.])(?:{short})(?!\w)"), full) for short, full in table)
    for language, table in _FULL.items()
}
