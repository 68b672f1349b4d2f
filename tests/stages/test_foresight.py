from __future__ import annotations

import msgspec
import pytest

from bus.frames import AnyFrame, Cancel, Closed, SpeechResumed, Transcript
from stages.cancellation import Ended
from stages.foresight import Foresight
from tests.stages.thinking import SESSION, cancelled, closed, paused, started, transcript

RESUMED = SpeechResumed(session=SESSION, turn=1, revision=1, sample=2)


@pytest.mark.parametrize(
    "frame", [RESUMED, cancelled(), cancelled(whole=True), closed(), transcript("x", "candidate")]
)
def test_a_guess_is_awaited_until_it_is_made_or_void(frame: AnyFrame) -> None:
    """From a pause to its transcript, to its Cancel, or to the turn's end."""
    foresight = Foresight()
    held = [foresight.holds_still]
    for each in (paused(), frame):
        foresight.note(each)
        held.append(foresight.holds_still)
    assert held == [False, True, False]


@pytest.mark.parametrize(
    "frame", [cancelled(), RESUMED, transcript("x", "candidate"), closed(turn=2)]
)
def test_the_end_of_an_older_guess_does_not_end_the_wait(frame: AnyFrame) -> None:
    """A guess that came behind it is still awaited."""
    foresight = Foresight()
    foresight.note(paused(revision=2))
    foresight.note(frame)
    assert foresight.holds_still


def test_a_pause_ends_where_the_cancel_overtakes_what_it_is_for() -> None:
    """Both lie at the socket: a worker notes the Cancel, then leaves out what it covers."""
    ended, foresight = Ended(), Foresight()
    foresight.note(paused())
    waiting: list[AnyFrame] = [RESUMED, cancelled()]
    for frame in waiting:
        ended.note(frame)
    for frame in waiting:
        if not ended.covers(frame):
            foresight.note(frame)
    assert not foresight.holds_still


@pytest.mark.parametrize(
    ("frame", "left"),
    [
        (cancelled(), "where is"),  # a wrong guess: they are still being said
        (transcript("where is it", "candidate"), None),
        (transcript("where is it?", "partial"), "where is it?"),
        (transcript(" ", "partial"), None),
        (transcript("where is it", "final"), None),
        (cancelled(whole=True), None),
        (closed(), None),
        (closed(turn=2), "where is"),
    ],
)
def test_words_are_read_ahead_until_they_are_answered(frame: AnyFrame, left: str | None) -> None:
    """The latest partial counts; not beyond the turn, and none without words."""
    foresight = Foresight()
    foresight.note(transcript("where is", "partial"))
    foresight.note(frame)
    assert (foresight.latest.text if foresight.latest else None) == left


@pytest.mark.parametrize("frame", [RESUMED, cancelled()])
def test_the_words_of_a_wrong_guess_are_the_latest_partial(frame: AnyFrame) -> None:
    """More is being said behind them; not when they turn out to be another's, or the last."""
    foresight = Foresight()
    candidate = transcript("where is it", "candidate")
    ahead = []
    for each in (candidate, frame, transcript("where is it now", "final"), frame):
        foresight.note(each)
        ahead.append(foresight.latest)
    assert ahead == [None, candidate, None, None]


@pytest.mark.parametrize(
    "frame", [transcript("x", "final"), closed(), cancelled(whole=True), closed(turn=2)]
)
def test_somebody_speaks_until_all_words_are_known(frame: Transcript | Closed | Cancel) -> None:
    """Through pauses and wrong guesses, to the last transcript or the end of that turn."""
    foresight = Foresight()
    hears = [foresight.hears]
    for each in (started(), paused(), transcript("x", "candidate"), cancelled(), frame):
        foresight.note(each)
        hears.append(foresight.hears)
    assert hears == [False, True, True, True, True, frame.turn == 2]


def test_sessions_do_not_end_each_other_s_waits() -> None:
    """Each has its guess, and a newer word of one counts before the older words of another."""
    foresight = Foresight()
    here, there = paused(), msgspec.structs.replace(paused(), session="other")
    words = msgspec.structs.replace(transcript("turn off", "partial"), session="other")
    held = []
    for frame in (here, there, msgspec.structs.replace(cancelled(), session="other"), cancelled()):
        foresight.note(frame)
        held.append(foresight.holds_still)
    assert held == [True, True, True, False]
    for each in (transcript("where is it", "candidate"), words, cancelled()):
        foresight.note(each)
    assert foresight.latest is words
