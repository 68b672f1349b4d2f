from __future__ import annotations

import pytest

from config.emotions import EMOTIONS, HEARD
from stages.emotion_words import WORDS, decode, feeling


def _vector(**shares: float) -> tuple[float, ...]:
    """Return a vector whose remainder is neutral."""
    rest = 1 - sum(shares.values())
    return tuple(shares.get(name, rest if name == "neutral" else 0.0) for name in EMOTIONS)


@pytest.mark.parametrize(
    ("emotion", "language", "words"),
    [
        (_vector(sadness=0.7), "en", ("sad",)),
        (_vector(sadness=0.7), "es", ("triste",)),
        (_vector(sadness=0.7), "ca", ("sad",)),
        (_vector(sadness=0.65, boredom=0.25), "en", ("sad", "tired")),
        (_vector(boredom=0.65, sadness=0.3), "es", ("cansada", "triste")),
        (_vector(sadness=0.5, boredom=0.45), "en", ()),
        (_vector(anger=0.55), "en", ()),
        (_vector(), "en", ()),
        ((), "en", ()),
    ],
)
def test_words_for_what_is_certain(
    emotion: tuple[float, ...], language: str, words: tuple[str, ...]
) -> None:
    """Neutral, unsure and not heard have no words; a second emotion colours the first."""
    assert decode(emotion, language) == words


def test_the_voice_is_told_one_name() -> None:
    """The strongest, by its name in the vector, and none where there are no words."""
    assert feeling(_vector(joy=0.62, anger=0.3)) == "joy"
    assert feeling(_vector(joy=0.5, anger=0.4)) == ""


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS.keys())
def test_every_emotion_has_a_word_of_its_own(words: dict[str, str]) -> None:
    """In each language, and the dimensions are fifteen different ones."""
    assert [*words] == [*EMOTIONS[1:]]
    assert len(set(words.values())) == len(words)
    assert len(set(EMOTIONS)) == 15
    assert set(HEARD) < set(EMOTIONS)
