from __future__ import annotations

import pytest

from stages.stable_prefix import StablePrefix, first_words_agree


@pytest.mark.parametrize(
    ("texts", "stable"),
    [
        (["What time"], ""),
        (["What time", "What time is it"], "What time"),
        (["What time is.", "What time is it"], "What time is"),
        (["What time is it?", "What time is it?"], "What time is it"),
        (["What dime is", "What time is"], "What"),
        (["what time", "What time"], ""),
        (["Hola, que", "Hola, que hora"], "Hola, que"),
        (["Hola, que", "Hola, ya"], "Hola"),
        (["What time is it", "What time"], "What time"),
        (["What time is", "What time is it", "What type is it"], "What"),
        (["What time is", "", "What time is it"], "What time is"),
        (["What time is", ""], ""),
        (["a  b c", "a  b d"], "a  b"),
        (["... yes", "... no"], ""),
    ],
)
def test_two_hypotheses_that_agree(texts: list[str], stable: str) -> None:
    """What the last two have in common is stable: whole words, no sign behind the last one."""
    prefix = StablePrefix()
    found = [prefix.add(text) for text in texts][-1]
    assert found == stable
    assert texts[-1].startswith(found)


def test_first_words() -> None:
    """Case and signs do not count; no word agrees with nothing."""
    assert first_words_agree("Stop.", "stop it")
    assert not first_words_agree("Stop", "So")
    assert not first_words_agree("", "")
