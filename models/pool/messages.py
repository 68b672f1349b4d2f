"""What the thinker's process and a specialist's tell each other: structs in, MessagePack out.

One message is one block of `multiprocessing.connection`; both sides decode strictly.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from models.protocols import ChatMessage

MOST_BYTES: Final = 1 << 20
"""Longer blocks are refused: whole conversations are far shorter."""


class Chat(Struct, frozen=True, tag="chat"):
    """A conversation to be answered."""

    messages: tuple[ChatMessage, ...]


class Look(Struct, frozen=True, tag="look"):
    """A question about an image."""

    question: str
    image: str
    """Path of a file."""


class Translate(Struct, frozen=True, tag="translate"):
    """A text to be said in another language."""

    text: str
    source: str
    """ISO 639-1 code, and so is the next."""
    target: str


Task: TypeAlias = Chat | Look | Translate


class Begin(Struct, frozen=True, tag="begin"):
    """Load yourself. The first message to a specialist."""

    name: str
    settings: bytes
    """As `config.load.settings_to_json` writes them."""


class Ask(Struct, frozen=True, tag="ask"):
    """Do this."""

    number: int
    task: Task


class Leave(Struct, frozen=True, tag="leave"):
    """Nobody waits for this any more."""

    number: int


class Loaded(Struct, frozen=True, tag="loaded"):
    """Questions are taken."""


class Piece(Struct, frozen=True, tag="piece"):
    """Some more words."""

    number: int
    text: str


class Ended(Struct, frozen=True, tag="ended"):
    """That was all."""

    number: int


class Failed(Struct, frozen=True, tag="failed"):
    """There will be no more words."""

    number: int
    """0: of no question, it could not be loaded."""
    reason: str
    """One line."""


Wish: TypeAlias = Begin | Ask | Leave
Reply: TypeAlias = Loaded | Piece | Ended | Failed

wishes: Final = msgspec.msgpack.Decoder(Wish)
replies: Final = msgspec.msgpack.Decoder(Reply)
packed: Final = msgspec.msgpack.Encoder().encode
