from __future__ import annotations

import pytest

from bus.frames import AnyFrame, Cancel, Closed, Notice, SpeechStarted
from config.session import Session
from config.settings import Settings
from stages.talking_over import TalkingOver, ways_of


def started(turn: int, session: str = "s") -> SpeechStarted:
    return SpeechStarted(session=session, turn=turn, sample=0)


def test_an_answer_is_loud_while_nobody_else_speaks() -> None:
    """The utterance that it answers is not one over it, nor is one in another room."""
    over = TalkingOver(0.25)
    over.note(started(1))
    over.note(started(2, session="kitchen"))
    assert over.gain("s", 1) == 1.0


def test_a_later_turn_ducks_it_at_its_first_sound() -> None:
    """Whether there are words or not."""
    over = TalkingOver(0.25)
    over.note(started(2))
    assert over.gain("s", 1) == 0.25
    assert over.gain("s", 2) == 1.0


@pytest.mark.parametrize(
    "end",
    [
        Closed(session="s", turn=2, reason="no_words"),
        Closed(session="s", turn=2, reason="no_answer"),
        Cancel(session="s", turn=2, whole_turn=True, reason="backlog"),
        Notice(session="s", turn=2, text="I missed that.", language="en", reason="interrupted"),
    ],
)
def test_it_comes_back_when_that_came_to_nothing(end: AnyFrame) -> None:
    """A cough, a sign of listening, or words that were lost."""
    over = TalkingOver(0.25)
    over.note(started(2))
    over.note(end)
    assert over.gain("s", 1) == 1.0


def test_a_wrong_guess_does_not_bring_it_back() -> None:
    """The user goes on speaking."""
    over = TalkingOver(0.25)
    over.note(started(2))
    over.note(Cancel(session="s", turn=2, revision=1, whole_turn=False, reason="superseded"))
    assert over.gain("s", 1) == 0.25


def test_without_a_headset_a_loudspeaker_does_not_give_way(settings: Settings) -> None:
    """What the microphone hears while it speaks is the answer; a recording holds none of it."""
    aloud = Session(recordings=(), realtime=True, room="")
    recorded = Session(recordings=("any.wav",), realtime=True, room="")
    assert ways_of(settings, aloud).duck_gain == 1.0
    assert ways_of(settings, recorded) == settings.barge_in
