"""The labelled set of the router in: sentences, who should answer each, and what is measured out.

Each sentence was written by hand in English and in Spanish. `pair` joins the two, which are in the
same half of the split: else the head would have read the other language's version of a test.
`private`: about the household, health or money; it must not reach an expert.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from models.router.router import Route

_SET: Final = Path(__file__).with_name("router_utterances.jsonl")


class Utterance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the set."""

    pair: str
    text: str
    language: Literal["en", "es"]
    label: Route
    private: bool
    split: Literal["train", "held"]


def utterances() -> list[Utterance]:
    """Return the whole set."""
    return msgspec.json.Decoder(Utterance).decode_lines(_SET.read_bytes())
