from __future__ import annotations

import pytest

from models.errors import EngineFailed
from models.pool.event_stream import words

ROLE = 'data: {"choices": [{"delta": {"role": "assistant"}, "finish_reason": null}]}'
HELLO = 'data: {"choices": [{"delta": {"content": "Hola"}, "finish_reason": null}]}'
STOP = 'data:{"choices":[{"delta":{},"finish_reason":"stop"}]}'
USAGE = 'data: {"choices": [], "usage": {"total_tokens": 3}}'
DONE = "data: [DONE]"


def said(*lines: str) -> str:
    return "".join(piece or "" for piece in words(lines))


@pytest.mark.parametrize(
    "lines",
    [
        (ROLE, "", HELLO, "", STOP, "", DONE),
        (": ping", "event: message", HELLO, STOP, USAGE, DONE, HELLO),
        (HELLO, STOP),
        (HELLO, DONE),
    ],
)
def test_the_words_of_a_stream(lines: tuple[str, ...]) -> None:
    """Pings, empty deltas, usage and what comes behind the end are no words."""
    assert said(*lines) == "Hola"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("", "broke off"),
        ("data: <html>", "no answer of an OpenAI-compatible server"),
        ('data: {"choices": [{"text": "Hola"}]}', "no answer of an OpenAI-compatible server"),
        ('data: {"error": {"message": "no such model", "code": 404}}', "no such model"),
        ('data: {"error": "out of memory"}', "out of memory"),
    ],
)
def test_what_is_no_whole_answer(line: str, complaint: str) -> None:
    """It is told, after the words that came before."""
    heard: list[str | None] = []
    with pytest.raises(EngineFailed, match=complaint):
        heard += words([HELLO, line])
    pieces = words([HELLO, line])
    assert next(pieces) == "Hola"
