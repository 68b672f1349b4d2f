"""An answer in, whether it holds a fact, or admits that there is none, out. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from benchmarks.word_error_rate import normalise

_ADMITS: Final = re.compile(
    r"\b(no lo se|no se$|no se (nada|que|quien|donde|cuando|como|cual|cuanto|si)|"
    # "no hay que llamar" and "no se ha movido" are answers: what is missing has to follow
    r"no hay (\w+ )?(informacion|notas?|datos?|detalles?|mencion|constancia|registros?|respuesta)|"
    r"no se (ha )?(menc|especific|indic|dice|dich|proporcion|encontr|encuentr|sab|conoc)\w*|"
    r"no tengo|no dispongo|no conozco|no encuentro|no consta|no aparece|"
    r"ninguna nota|no puedo|desconozco|no estoy segur[oa]|no me consta|lo desconozco|no recuerdo|"
    r"(do not|don't|doesn't|does not|didn't|cannot|can't|could not|couldn't|not) "
    r"(know|have|find|found|say|tell|sure|specified|mentioned|provided|available|aware|remember|"
    r"provide|specify|mention|access|answer)|no (note|information|record|mention|idea)|"
    r"unable|unknown|none)\b"
)
_I_DO_NOT_KNOW: Final = re.compile(r"\bno s\u00e9\b")
"""Its accent is all that tells it from the "no se" of any verb."""


def holds(answer: str, facts: Sequence[str]) -> bool:
    """Return whether one of `facts` is said.

    Case, accents, signs, endings, and whether a number is in digits or in words do not count.
    """
    ways: tuple[Callable[[str], str], ...] = (
        _plain,
        partial(normalise, language="en"),
        partial(normalise, language="es"),
    )
    return any(_begins_a_word(way(fact), way(answer)) for fact in facts for way in ways)


def _begins_a_word(fact: str, said: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(fact)}(?!\d)", said) is not None


def admits(answer: str) -> bool:
    """Return whether an answer says that it does not know. An apology alone does not."""
    spoken = unicodedata.normalize("NFC", answer.casefold())
    return bool(_ADMITS.search(_plain(answer)) or _I_DO_NOT_KNOW.search(spoken))


def _plain(text: str) -> str:
    folded = unicodedata.normalize(
        "NFD", text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    )
    letters = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w' ]", " ", letters).split())
