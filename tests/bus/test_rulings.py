from __future__ import annotations

from msgspec.structs import replace

from bus.frames import StageName
from tests.bus.bus_frames import (
    audio,
    candidate,
    clause,
    done,
    ended,
    final,
    paused,
    played,
    resumed,
    speech,
    started,
)
from tests.bus.bus_house import House, busy_house, cancels, closings, kinds, received


def test_a_wrong_guess_is_cancelled_when_the_user_goes_on() -> None:
    """SpeechResumed voids its revision; the turn goes on."""
    house = House()
    house.say("capture", started(), paused(1))
    house.say("encoder", candidate(revision=1))
    house.say("thinker", clause(revision=1))
    out = house.say("capture", resumed(1))
    (cancel,) = cancels(out)
    assert (cancel.revision, cancel.whole_turn, cancel.reason) == (1, False, "superseded")
    assert house.say("thinker", clause(1, revision=1)) == []
    assert house.say("talker", speech(revision=1)) == []
    assert house.turns.refused["stale"] == 2


def test_another_final_text_supersedes_the_candidate() -> None:
    """A final transcript of a higher revision voids the confirmed one and takes its place."""
    house = House()
    house.say("capture", started(), paused(1))
    house.say("encoder", candidate("what dime", revision=1))
    house.say("capture", ended(1))
    out = house.say("encoder", final("what time", revision=2))
    assert [(each.revision, each.whole_turn) for each in cancels(out)] == [(1, False)]
    assert kinds(out, "thinker") == ["Cancel", "Transcript"]
    stages: tuple[StageName, ...] = ("encoder", "thinker", "talker", "playback")
    for stage in stages:
        house.say(stage, done(stage, 2))
    assert [closed.revision for closed in closings(house.out)] == [2]


def test_the_same_final_text_cancels_nothing() -> None:
    """The guess was right: the work on it goes on."""
    house = House()
    house.hear()
    assert cancels(house.out) == []


def test_a_question_during_the_answer_cancels_it_at_its_first_words() -> None:
    """Not the sound but the words stop an answer; all who know the turn are told."""
    house = busy_house()
    out = house.say("capture", started(2), audio(40_000, 2), paused(1, 2), ended(1, 2))
    assert cancels(out) == []
    out = house.say("encoder", final("and tomorrow", turn=2))
    (cancel,) = cancels(out)
    assert (cancel.turn, cancel.whole_turn, cancel.reason) == (1, True, "barge_in")
    assert kinds(out, "playback") == kinds(out, "talker") == kinds(out, "capture") == ["Cancel"]


def test_a_cough_during_the_answer_cancels_nothing() -> None:
    """An utterance without words leaves the answer alone."""
    house = busy_house()
    house.hear(2, text="")
    assert cancels(house.out) == []
    assert [closed.turn for closed in closings(house.out)] == [2]


def test_the_next_thought_waits_for_what_was_heard() -> None:
    """The thinker gets the new question after the last Played of the cancelled answer."""
    house = busy_house()
    out = house.say("capture", started(2), paused(1, 2), ended(1, 2))
    assert "SpeechEnded" not in kinds(out, "thinker")
    assert "SpeechEnded" in kinds(out, "playback")
    out = house.say("encoder", final("and tomorrow", turn=2))
    assert kinds(out, "thinker") == ["Cancel"]
    assert kinds(out, "supervisor") == ["Cancel", "Transcript"]
    out = house.say("playback", played(150, last=True), done("playback"))
    assert kinds(out, "thinker") == ["Played", "Closed", "SpeechEnded", "Transcript"]


def test_the_wait_for_a_silent_playback_is_bounded() -> None:
    """After cancel_wait_ms the thinker goes on without knowing what was heard."""
    house = busy_house()
    house.hear(2)
    assert kinds(house.later(99), "thinker") == []
    assert kinds(house.later(1), "thinker") == ["SpeechEnded", "Transcript"]
    assert kinds(house.say("playback", done("playback")), "thinker") == ["Closed"]


def test_a_turn_that_ends_by_itself_lets_the_next_one_think() -> None:
    """The answer was heard to its end while the next question was being understood."""
    house = busy_house()
    house.say("capture", started(2), paused(1, 2), ended(1, 2))
    out = house.say("playback", played(320, last=True), done("playback"))
    assert [closed.reason for closed in closings(out)] == ["answered"]
    assert "SpeechEnded" in kinds(out, "thinker")
    out = house.say("encoder", final("and tomorrow", turn=2))
    assert cancels(out) == []
    assert kinds(out, "thinker") == ["Transcript"]


def test_a_cancelled_turn_closes_when_its_workers_are_done() -> None:
    """Those who had it answer Cancel with Done."""
    house = busy_house()
    house.hear(2)
    out = house.say("playback", played(150, last=True), done("playback"))
    assert [(closed.turn, closed.reason) for closed in closings(out)] == [(1, "cancelled")]


def test_a_cancelled_turn_closes_though_a_worker_is_mute() -> None:
    """The hub does not hold a cancelled turn for ever."""
    house = busy_house()
    house.hear(2)
    house.say("encoder", done("encoder", turn=2))
    out = house.later(5_000)
    assert [(closed.turn, closed.reason) for closed in closings(out)] == [(1, "cancelled")]


def test_work_on_a_cancelled_turn_is_dropped() -> None:
    """Sound that was under way when the answer was cancelled is not played."""
    house = busy_house()
    house.hear(2)
    assert house.say("talker", speech(320)) == []
    assert kinds(house.say("playback", played(140, last=True)), "thinker") == ["Played"]


def test_turns_of_two_rooms_do_not_touch() -> None:
    """Words in one session cancel nothing in another."""
    house = busy_house()
    for frame in (started(2), ended(1, 2)):
        house.say("capture", replace(frame, session="kitchen"))
    house.say("encoder", replace(final("hello", turn=2), session="kitchen"))
    assert cancels(house.out) == []
    assert "Transcript" in [type(each).__name__ for each in received(house.out, "thinker")]
