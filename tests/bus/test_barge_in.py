"""What the hub does when the user speaks while an answer is heard."""

from __future__ import annotations

import pytest

from bus.frames import Transcript
from tests.bus.bus_frames import (
    candidate,
    done,
    ended,
    final,
    partial,
    paused,
    played,
    resumed,
    started,
)
from tests.bus.bus_house import (
    House,
    busy_house,
    cancels,
    closings,
    kinds,
    received,
)


def texts(house: House) -> list[str]:
    """Return what the thinker was given of turn 2."""
    given = received(house.out, "thinker")
    return [each.text for each in given if isinstance(each, Transcript) and each.turn == 2]


def fall_silent(house: House) -> None:
    """Let playback answer the Cancel of turn 1."""
    house.say("playback", played(150, last=True), done("playback"))


@pytest.mark.parametrize("say", [partial, candidate, final])
def test_the_first_words_stop_the_answer(say: type) -> None:
    """Be they partial: nobody wants to shout a whole sentence over an answer."""
    house = busy_house()
    house.say("capture", started(2), paused(1, 2))
    out = house.say("encoder", say("what about", turn=2))
    (cancel,) = cancels(out)
    assert (cancel.turn, cancel.whole_turn, cancel.reason) == (1, True, "barge_in")
    assert kinds(out, "playback")[0] == "Cancel"


@pytest.mark.parametrize("text", ["Mm-hm.", "ok", "Sí, sí.", "", "..."])
def test_signs_of_listening_stop_nothing(text: str) -> None:
    """Partial, candidate and final: the answer goes on, and the turn ends without one."""
    house = busy_house()
    house.say("capture", started(2))
    house.say("encoder", partial(text, turn=2))
    house.say("capture", paused(1, 2))
    house.say("encoder", candidate(text, turn=2))
    house.say("capture", ended(1, 2))
    house.say("encoder", final(text, turn=2))
    assert cancels(house.out) == []
    (closed,) = closings(house.out)
    assert (closed.turn, closed.reason) == (2, "no_words" if text in ("", "...") else "no_answer")
    assert "Closed" in kinds(house.out, "playback")
    fall_silent(house)
    assert closings(house.out)[-1].reason == "answered"
    assert texts(house) in ([text], [])
    assert not {"Clause"} & set(kinds(house.out, "thinker"))


def test_a_sign_of_listening_is_thought_about_when_nothing_is_heard() -> None:
    """A short "yes" may be what the answer asked for."""
    house = busy_house()
    house.say("capture", started(2), paused(1, 2))
    house.say("encoder", candidate("yes", turn=2))
    assert texts(house) == []
    fall_silent(house)
    assert texts(house) == ["yes"]
    house.say("capture", ended(1, 2))
    house.say("encoder", final("yes", turn=2))
    assert texts(house) == ["yes", "yes"]
    assert [each.turn for each in closings(house.out)] == [1]


def test_an_order_to_be_silent_is_obeyed_and_not_answered() -> None:
    """The answer stops at the first sign of it, and nothing is said instead."""
    house = busy_house()
    house.say("capture", started(2))
    out = house.say("encoder", partial("stop", turn=2))
    assert [each.turn for each in cancels(out)] == [1]
    fall_silent(house)
    house.say("capture", paused(1, 2), ended(1, 2))
    house.say("encoder", final("Stop!", turn=2))
    assert [(each.turn, each.reason) for each in closings(house.out)] == [
        (1, "cancelled"), (2, "no_answer"),
    ]  # fmt: skip
    assert "Stop!" not in texts(house)


def test_nobody_thinks_about_an_order_to_be_silent() -> None:
    """What was thought ahead could be heard in the moment before its end is known."""
    house = House()
    house.hear(1)
    house.answer(1)
    house.say("capture", started(2), paused(1, turn=2))
    out = house.say("encoder", candidate("be quiet", turn=2))
    told = [each for each in out if isinstance(each.frame, Transcript)]
    assert [who.stage for each in told for who in each.to] == ["supervisor"]


def test_an_order_to_be_silent_is_a_word_like_others_in_silence() -> None:
    """Nothing was heard when it was said: somebody may want to stop something else."""
    house = House()
    house.hear(1, text="stop")
    assert closings(house.out) == []
    assert "Transcript" in kinds(house.out, "thinker")


def test_what_begins_like_an_order_is_answered() -> None:
    """The final text decides."""
    house = busy_house()
    house.say("capture", started(2))
    house.say("encoder", partial("stop", turn=2))
    fall_silent(house)
    house.say("capture", paused(1, 2), ended(1, 2))
    house.say("encoder", final("stop the timer", turn=2))
    assert texts(house) == ["stop", "stop the timer"]
    assert [each.turn for each in closings(house.out)] == [1]


def test_nobody_thinks_ahead_while_an_answer_may_be_heard() -> None:
    """A candidate waits like a final text; a partial one is only read."""
    house = busy_house()
    house.say("capture", started(2))
    house.say("encoder", partial("what", turn=2))
    house.say("capture", paused(1, 2))
    house.say("encoder", candidate("what time", turn=2))
    assert texts(house) == ["what"]
    fall_silent(house)
    assert texts(house) == ["what", "what time"]


def test_the_wait_for_silence_counts_from_the_cancel() -> None:
    """One slow loudspeaker delays the next turn once, not each of its frames."""
    house = busy_house()
    house.say("capture", started(2))
    house.say("encoder", partial("what", turn=2))
    house.say("capture", paused(1, 2))
    house.later(60)
    house.say("encoder", candidate("what time", turn=2))
    assert house.turns.next_due_ns() == 1_100 * 1_000_000
    house.later(39)
    assert texts(house) == ["what"]
    house.later(1)
    assert texts(house) == ["what", "what time"]
    house.say("capture", ended(1, 2))
    house.say("encoder", final("what time", turn=2))
    assert texts(house) == ["what", "what time", "what time"]


def test_a_withheld_guess_that_was_wrong_is_dropped() -> None:
    """The thinker never hears of it."""
    house = busy_house()
    house.say("capture", started(2), paused(1, 2))
    house.say("encoder", candidate("yes", turn=2, revision=1))
    house.say("capture", resumed(1, 2), paused(2, 2))
    house.say("encoder", candidate("yes yes", turn=2, revision=2))
    fall_silent(house)
    assert texts(house) == ["yes yes"]


def test_an_answer_confirmed_by_its_guess_can_be_interrupted_at_once() -> None:
    """Its sound begins with the end of the utterance, before the final text comes."""
    house = House()
    house.say("capture", started(1), paused(1))
    house.say("encoder", candidate())
    house.answer(1)
    house.say("capture", ended(1), started(2))
    out = house.say("encoder", partial("no wait", turn=2))
    assert [each.turn for each in cancels(out)] == [1]
