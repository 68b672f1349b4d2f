import msgspec
import pytest

from benchmarks.fault_said import Said, differs

USUAL = Said(
    answer="It is time to drink the tea.",
    heard="It is time to drink the tea.",
    words="it is time to drink the tea",
    begins_ms=500,
    ends_ms=2_500,
    sound_ms=1_900,
)


def test_a_pause_in_an_answer_is_no_difference() -> None:
    """It came later, and a word that was interrupted is written down wrong."""
    later = msgspec.structs.replace(USUAL, ends_ms=4_000, words="it is time to think the tea")
    assert not differs(later, USUAL, "en")


@pytest.mark.parametrize(
    "change",
    [
        {"heard": "It is time to drink"},
        {"answer": "", "heard": "", "words": ""},
        {"words": "it is time to drink it is time to drink the tea"},
        {"words": "it is time", "sound_ms": 1_000},
        {"sound_ms": 2_100},
    ],
)
def test_words_twice_or_missing_are_a_difference(change: dict[str, object]) -> None:
    """Whether the daemon says so itself, the recogniser, or the length of the sound."""
    assert differs(msgspec.structs.replace(USUAL, **change), USUAL, "en")
