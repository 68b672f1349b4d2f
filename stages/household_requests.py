"""Words in, a wish to remember or to forget out, or none. Pure."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from msgspec import Struct


class Remember(Struct, frozen=True):
    """A fact is to be kept."""

    text: str


class Forget(Struct, frozen=True):
    """Facts that are about `text` are to be forgotten."""

    text: str


class ForgetConversation(Struct, frozen=True):
    """What was said is to be forgotten."""


HouseholdRequest: TypeAlias = Remember | Forget | ForgetConversation

_FLAGS: Final = re.IGNORECASE | re.VERBOSE

_LEAD: Final = re.compile(
    r"""(?:(?:oye|mira|hey|ok(?:ay)?|well|bueno|sarai|please|por\ favor
        |can\ you|could\ you|puedes|podrías)[,\s]+)+""",
    _FLAGS,
)
_TAIL: Final = re.compile(
    r"""[,\s]*(?:please|por\ favor|vale|ok(?:ay)?|gracias|thanks|thank\ you)?[.!?,\s]*$""", _FLAGS
)
_ASKS_POLITELY: Final = re.compile(r"(?:can you|could you|puedes|podrías)\s", re.IGNORECASE)
"""A wish in the form of a question."""

_CONVERSATION: Final = re.compile(
    r"""forget\ (?:
            (?:about\ )?(?:this|our|the|the\ whole)\ conversation
          | (?:everything|all|what)
            (?:\ (?:that\ )?(?:i|we)(?:'ve|\ have)?(?:\ just)?\ (?:said|told\ you|talked\ about))
          | everything | all)
      | olv[ií]da(?:te)?\ (?:de\ )?(?:
            (?:toda\ )?(?:esta|nuestra|la)\ conversaci[oó]n
          | (?:todo\ )?lo\ que\ (?:te\ )?(?:he\ dicho|hemos\ (?:dicho|hablado)|acabo\ de\ decir)
          | todo)""",
    _FLAGS,
)
_REMEMBER: Final = re.compile(
    r"""(?: remember(?:\ for\ me)?\ that | (?:don't|do\ not)\ forget\ that
          | (?:make|take)\ a\ note(?:\ that|:) | note\ that | keep\ in\ mind\ that
          | recuerda(?:me)?\ que | recordar\ que | acu[eé]rdate(?:\ de)?\ que
          | no\ (?:te\ )?olvides(?:\ de)?\ que | ten\ en\ cuenta\ que
          | (?:toma\ nota|apunta|an[oó]tate|anota)(?:\ de)?\ que)
        [:,]?\s+(?P<fact>.+)""",
    _FLAGS,
)
_FORGET: Final = re.compile(
    r"""(?: forget\ (?:that|about|what\ i\ (?:said|told\ you)\ about|what\ you\ know\ about)
          | delete\ (?:the\ note|what\ you\ know)\ (?:about|that)
          | olv[ií]da(?:te)?(?:\ de)?(?:\ lo\ que\ sabes)?(?:\ que|\ lo\ de(?:\ que)?|\ sobre|\ de)
          | (?:borra|elimina)\ (?:la\ nota|lo\ que\ sabes)\ (?:de\ que|de|sobre|que))
        [:,]?\s+(?P<fact>.+)""",
    _FLAGS,
)

_FEWEST_LETTERS: Final = 3
"""Less is no fact: the speaker was cut off."""


def household_request(words: str) -> HouseholdRequest | None:
    """Return what `words` ask of the memory of this home.

    A question is none: "do you remember that …?" wants an answer.
    """
    said = words.strip().lstrip("¿¡ ")
    if said.rstrip(" .").endswith("?") and not _ASKS_POLITELY.match(said):
        return None
    said = _TAIL.sub("", _LEAD.sub("", said, count=1) if _LEAD.match(said) else said)
    if _CONVERSATION.fullmatch(said):
        return ForgetConversation()
    for pattern, wish in ((_REMEMBER, Remember), (_FORGET, Forget)):
        found = pattern.match(said)
        if found is not None:
            fact = found["fact"].strip(" ,")
            return wish(fact) if len(fact) >= _FEWEST_LETTERS else None
    return None
