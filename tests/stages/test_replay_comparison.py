from __future__ import annotations

from bus.frames import AnyFrame, Clause, Closed, Played, SpeechChunk
from stages.replay_comparison import Outcome, differences
from tests.bus.bus_frames import ended, final

ALL = ("transcript", "clause", "sound", "heard")


def sound(first_sample: int, samples: bytes, revision: int = 1) -> SpeechChunk:
    return SpeechChunk(
        session="home", turn=1, revision=revision, clause=0, clause_text="hi",
        first_sample=first_sample, rate=22_050, pcm=samples, clause_last=False, last=False,
    )  # fmt: skip


def clause(index: int, text: str) -> Clause:
    return Clause(
        session="home", turn=1, revision=1, index=index, text=text, language="en", last=False
    )


def heard(text: str) -> Played:
    return Played(
        session="home", turn=1, revision=1, clause=0, samples=2, rate=22_050, text=text,
        clock_sample=9, first_clock_sample=1, last=True,
    )  # fmt: skip


TURN: tuple[AnyFrame, ...] = (
    ended(1), final("what time is it"), clause(0, "hi"), sound(0, b"abcd"), sound(2, b"ef"),
    heard("hi"),
)  # fmt: skip
KEY = ("home", 1)
CLOSED = Closed(session="home", turn=1, reason="answered")


def test_the_same_frames_are_the_same() -> None:
    """How sound is cut into chunks does not matter."""
    again = (*TURN[:3], sound(0, b"ab"), sound(1, b"cdef"), *TURN[5:])
    assert differences(Outcome((*TURN, CLOSED)), Outcome(again), ALL) == {}


def test_each_difference_is_named() -> None:
    """Turn, part and place."""
    again = (final("what line is it"), clause(0, "ho"), sound(0, b"abxdef"), heard("ho"))
    assert differences(Outcome((*TURN, CLOSED)), Outcome(again), ALL) == {
        KEY: [
            "turn 1: transcript: was '[en] what time is it', is '[en] what line is it'",
            "turn 1: clause 0: was 'hi', is 'ho'",
            "turn 1: sound of clause 0: differs from sample 1 on",
            "turn 1: heard: was 'hi', is 'ho'",
        ]
    }


def test_sound_that_ends_early_is_a_difference() -> None:
    """A part of what was recorded is not the same."""
    again = (*TURN[:4], *TURN[5:])
    assert differences(Outcome((*TURN, CLOSED)), Outcome(again), ("sound",)) == {
        KEY: ["turn 1: sound of clause 0: differs from sample 2 on"]
    }


def test_what_is_missing_is_a_difference() -> None:
    """A stage that says nothing is not a stage that says the same."""
    assert differences(Outcome((*TURN, CLOSED)), Outcome(()), ("clause",)) == {
        KEY: ["turn 1: clause 0: was not made again"]
    }


def test_only_the_confirmed_revision_counts() -> None:
    """What was guessed and dropped depends on the clock."""
    recorded = Outcome((sound(0, b"zz", revision=0), *TURN, CLOSED))
    assert differences(recorded, Outcome(TURN), ALL) == {}


def test_of_an_interrupted_turn_the_recorded_part_is_compared() -> None:
    """The rest would have been made, had nobody spoken; how far it was heard is the clock's."""
    recorded = Outcome((*TURN[:4], heard("")))
    assert differences(recorded, Outcome(TURN), ALL) == {}
