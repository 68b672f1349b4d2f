"""Words in, whether they ask where the last answer is from out. Pure."""

from __future__ import annotations

import re
from typing import Final

_ASKS: Final = re.compile(
    r"""[¿¡\s]*(?:y\s|and\s|pero\s|but\s)?(?:
          (?:de\ d[oó]nde|c[oó]mo)\ (?:lo|lo\ has)\ (?:sabes|sacas|sacado|sabido)
        | de\ d[oó]nde\ (?:sale|viene|has\ sacado)\ (?:eso|esto)
        | qui[eé]n\ (?:lo\ dice|lo\ ha\ dicho|te\ lo\ (?:ha\ dicho|dijo))
        | (?:cu[aá]l\ es|dime)\ (?:la|tu)\ fuente
        | en\ qu[eé]\ nota\ (?:pone|dice|est[aá])(?:\ eso)?
        | how\ do\ you\ know(?:\ that|\ this)?
        | where\ (?:do|did)\ you\ (?:know|get)\ (?:that|this|it)(?:\ from)?
        | where\ (?:is|does)\ (?:that|this|it)\ (?:come\ )?from
        | who\ (?:told\ you|says)(?:\ that|\ this|\ so)? | says\ who
        | what(?:\ is|'s)\ (?:the|your)\ source
        | (?:which|what)\ note\ (?:says|is)\ (?:that|it)(?:\ in)?
        )[.?!\s]*""",
    re.IGNORECASE | re.VERBOSE,
)


def asks_for_source(words: str) -> bool:
    """Return whether somebody wants to know where the assistant knows something from."""
    return _ASKS.fullmatch(words) is not None
