"""Text as it was written in; lower case without accents out. Pure."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Return `text` in lower case, without accents, with straight apostrophes."""
    parts = unicodedata.normalize("NFD", text.replace("\u2019", "'").lower())
    return "".join(each for each in parts if not unicodedata.combining(each))
