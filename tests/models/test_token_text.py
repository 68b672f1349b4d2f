from __future__ import annotations

import pytest

from models.token_text import TokenText


def _feed(text: str, *, size: int, stop: tuple[str, ...] = ()) -> list[str]:
    raw, stream = text.encode(), TokenText(stop)
    pieces = [stream.feed(raw[at : at + size]) for at in range(0, len(raw), size)]
    return [*pieces, stream.finish()]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_characters_are_never_split(size: int) -> None:
    """Tokens may end inside an accent or an emoji."""
    text = "¿Qué tal? 😀 Ünïcödé"
    pieces = _feed(text, size=size)
    assert "".join(pieces) == text
    assert not any("\ufffd" in piece for piece in pieces)


@pytest.mark.parametrize("size", [1, 4, 100])
def test_a_stop_string_never_leaks(size: int) -> None:
    """Neither whole nor in part, and nothing behind it comes."""
    pieces = _feed("yes.<|end|>no", size=size, stop=("<|end|>", "<|eot|>"))
    assert "".join(pieces) == "yes."


def test_what_only_looked_like_a_stop_string_is_text() -> None:
    """It comes as soon as that is clear, at the latest at the end."""
    assert _feed("a <b", size=1, stop=("<|end|>",)) == ["a", " ", "", "<b", ""]
    assert _feed("a <", size=1, stop=("<|end|>",)) == ["a", " ", "", "<"]


def test_the_first_of_several_stops_counts() -> None:
    """Whichever was named first."""
    assert "".join(_feed("one two three", size=50, stop=("three", "two"))) == "one "


def test_a_character_that_never_completes_is_marked() -> None:
    """A model may end inside a character."""
    stream = TokenText(())
    assert stream.feed("é".encode()[:1]) == ""
    assert stream.finish() == "\ufffd"
