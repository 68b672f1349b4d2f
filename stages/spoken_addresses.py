"""Text in, the same with addresses of pages, mail and files as they are told to someone. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_EMAIL: Final = re.compile(r"(?<![\w@])([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)")
_URL: Final = re.compile(r"\b(?:https?://|ftp://|www\.)([^\s<>()\"'»”]+)", re.IGNORECASE)
_HOST: Final = re.compile(
    r"(?<![\w.@])((?:[\w-]+\.)+(?:com|org|net|es|mx|ar|cl|co|io|dev|ai|app|eu|uk|us|edu|gov|gob|tv"
    r"|info))\b((?:/[\w./%-]*)?)"
)
_FILE_DOT: Final = re.compile(r"(?<=[^\W\d_])\.(?=[a-z\d]{2,})|(?<=\d)\.(?=[a-z]{2,})")
_LOST_SPACE: Final = re.compile(r"(?<=[a-záéíóúñ]{2})([.!?,;:])(?=[A-ZÁÉÍÓÚÑ¿¡])")

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "es": {".": "punto", "@": "arroba", "/": "barra", "-": "guion", "_": "guion bajo"},
    "en": {".": "dot", "@": "at", "/": "slash", "-": "dash", "_": "underscore"},
}


def spoken_addresses(text: str, language: str) -> str:
    """Return `text` with `www.a.org/b` as `a dot org slash b`; language: "es" or "en"."""
    words = _WORDS[language]
    text = _EMAIL.sub(lambda found: _spelt(found[0], words), text)
    text = _URL.sub(lambda found: _page(found[1], words), text)
    text = _HOST.sub(lambda found: _page(found[1] + found[2], words), text)
    text = _LOST_SPACE.sub(r"\1 ", text)
    return _FILE_DOT.sub(f" {words['.']} ", text)


def _page(address: str, words: Mapping[str, str]) -> str:
    """Return an address without what nobody says: `www.`, the query, the last slash."""
    marks = address[len(address.rstrip(".,;:!?")) :]
    kept = re.split(r"[?#]", address.rstrip(".,;:!?"))[0].rstrip("/")
    return _spelt(kept.removeprefix("www."), words) + marks


def _spelt(address: str, words: Mapping[str, str]) -> str:
    return re.sub(r"[.@/_-]", lambda mark: f" {words[mark[0]]} ", address)
