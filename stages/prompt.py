"""Persona, history and the user's words in, the messages of one prompt out. Pure.

The order serves the model's saved states: what changes least comes first, so that behind the last
word only the last word is left to read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from msgspec import Struct

from models.protocols import ChatMessage
from stages.persona import Persona
from stages.question import Question

Exchange: TypeAlias = tuple[str, str]
"""What the user said, and what they heard of the answer."""

_SPECIAL: Final = re.compile(r"<\|[^|<>]*\|>")

_UNSURE: Final = re.compile(r"[¿¡]|(?<!\d)(?<!\b[Nn]o)[,;:…](?=\s|$)|\.{2,}(?=\s|$)")
"""Not a comma in or behind a number, nor the one of "no, turn it on"."""


class Past(Struct, frozen=True):
    """What a prompt tells of the conversation."""

    exchanges: tuple[Exchange, ...] = ()
    summary: str = ""
    """Of what was said before them."""


_NOTHING: Final = Past()


def head(persona: Persona, language: str, past: Past = _NOTHING) -> list[ChatMessage]:
    """Return what every prompt begins with after `past`: persona, summary, history."""
    system = persona.text(language)
    if past.summary:
        system = f"{system} {persona.wording(language).summary} {plain(past.summary)}"
    prompt = [ChatMessage("system", system), *_example(persona, language)]
    for user, assistant in past.exchanges:
        prompt += [
            ChatMessage("user", words_said(user)),
            ChatMessage("assistant", plain(assistant)),
        ]
    return prompt


def question(
    persona: Persona,
    language: str,
    said: str,
    notes: Sequence[str] | None = None,
    mood: Sequence[str] = (),
) -> Question:
    """Return the user's message: notes, words, and how they sounded.

    notes: one line each, with its source; empty: there should be one, and there is none; None:
    nobody looked for any. mood: words for how the speaker sounds, if not as usual.
    """
    wording = persona.wording(language)
    lines = [wording.notes, *(f"- {plain(note)}" for note in notes)] if notes else []
    if notes is not None and not notes:
        lines = [wording.no_notes]
    return Question(
        words_said(said),
        before="".join(f"{line}\n" for line in lines) + (f"{wording.asked} " if lines else ""),
        after=" " + wording.mood.format(words=", ".join(mood)) if mood else "",
    )


def _example(persona: Persona, language: str) -> Iterator[ChatMessage]:
    """Yield what shows how notes are used."""
    example = persona.wording(language).example
    for said, notes, answer in (
        (example.question, example.notes, example.answer),
        (example.untold, (), example.unknown),
    ):
        yield ChatMessage("user", question(persona, language, said, notes).content)
        yield ChatMessage("assistant", answer)


def plain(text: str) -> str:
    """Return `text` without what a chat template would take for the end of a message."""
    return _SPECIAL.sub(" ", text)


def words_said(text: str) -> str:
    """Return a transcript as it is read: without what recognisers put now here and now there.

    They end half a sentence with a full stop, and set a comma, a capital at the beginning or an
    inverted mark when they have heard more. Two guesses at the same words are then the same
    prompt, of which the later words alone are left to read, and it is a token or two shorter.
    """
    words = " ".join(plain(_UNSURE.sub("", text)).split()).rstrip(".…, ")
    return words[:1].upper() + words[1:]


def recent(
    exchanges: Sequence[Exchange], count_tokens: Callable[[str], int], budget_tokens: int
) -> Sequence[Exchange]:
    """Return the newest exchanges that fit into `budget_tokens`, oldest first.

    Forgets in strides of half the budget: the head of the prompt then stays the same for several
    turns, and with it the state that was saved behind it, instead of moving on with each turn.
    """
    ends: list[int] = []
    for user, assistant in exchanges:
        ends.append((ends[-1] if ends else 0) + count_tokens(user) + count_tokens(assistant))
    total = ends[-1] if ends else 0
    if total <= budget_tokens:
        return exchanges
    stride = max(1, budget_tokens // 2)
    forgotten = -(-(total - budget_tokens) // stride) * stride
    begins = (0, *ends[:-1])
    kept = [at for at, begin in enumerate(begins) if begin >= forgotten]
    return exchanges[kept[0] :] if kept else ()
