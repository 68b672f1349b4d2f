from __future__ import annotations

import pytest
from msgspec.structs import replace

from bus.endings import Rules
from bus.frames import Notice, StageName
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
from tests.bus.bus_house import House, cancels, closings, kinds, notices, received


def busy_house() -> House:
    """Return a house in which the answer to turn 1 is being heard."""
    house = House()
    house.hear(1)
    house.answer(1)
    return house


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
    out = house.say("encoder", final("stop", turn=2))
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
    out = house.say("encoder", final("stop", turn=2))
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
    assert kinds(house.say("playback", played(140)), "thinker") == ["Played"]


def test_a_turn_past_its_deadline_ends_with_a_reason_aloud() -> None:
    """No silent turn: what cannot be answered in time is apologised for, in its language."""
    house = House()
    house.say("capture", started(), paused(), ended())
    house.say("encoder", final("¿qué hora es?", language="es"), done("encoder"))
    assert house.later(59_999) == []
    out = house.later(1)
    (notice,) = notices(out)
    assert (notice.language, notice.revision) == ("es", 2)
    assert "Perdona" in notice.text
    assert kinds(out, "thinker") == ["Cancel"]
    assert kinds(out, "talker") == kinds(out, "playback")[1:] == ["Notice"]


def test_an_apology_is_spoken_and_then_the_turn_is_closed() -> None:
    """Its sound passes though the turn was given up; talker and playback owe Done."""
    house = House()
    house.hear()
    house.later(60_000)
    assert kinds(house.say("talker", speech(revision=2)), "playback") == ["SpeechChunk"]
    assert house.say("talker", speech(revision=1)) == []
    assert house.say("thinker", clause(revision=2)) == []
    house.say("talker", done("talker", 2))
    out = house.say("playback", played(320, revision=2, last=True), done("playback", 2))
    assert [closed.reason for closed in closings(out)] == ["given_up"]


def test_an_apology_that_nobody_says_closes_the_turn_all_the_same() -> None:
    """Without talker or loudspeaker the hub does not wait for ever."""
    house = House(absent=("talker", "playback"))
    house.hear()
    house.later(60_000)
    assert [closed.reason for closed in closings(house.later(20_000))] == ["given_up"]


def test_an_answer_that_is_heard_is_not_late() -> None:
    """The deadline counts from the last sign of progress at the loudspeaker."""
    house = busy_house()
    house.later(59_000)
    house.say("playback", played(200))
    assert notices(house.later(59_000)) == []
    assert len(notices(house.later(1_000))) == 1


def test_sound_that_stops_in_the_middle_is_asked_for_again() -> None:
    """Capture died while someone spoke: words were lost, and the user is told."""
    house = House()
    house.say("capture", started(), audio(0))
    assert notices(house.later(4_999)) == []
    (notice,) = notices(house.later(1))
    assert notice.reason == "interrupted"
    assert house.say("capture", audio(320), ended()) == []


def test_the_supervisor_may_end_a_turn_with_a_reason() -> None:
    """Its Notice takes the place of the answer."""
    house = House()
    house.hear()
    text = Notice(session="home", turn=1, text="I am broken.", language="en", reason="fatal")
    out = house.say("supervisor", text)
    (notice,) = notices(out)
    assert (notice.text, notice.reason) == ("I am broken.", "fatal")
    assert [each.reason for each in cancels(out)] == ["fatal", "fatal"]


def test_a_stage_may_answer_with_a_notice() -> None:
    """It is spoken like a clause and ends like one."""
    house = House()
    house.hear()
    text = Notice(
        session="home", turn=1, revision=1, text="Too long.", language="en", reason="context"
    )
    out = house.say("thinker", text, done("thinker"))
    assert kinds(out, "talker") == kinds(out, "playback") == ["Notice"]
    house.say("talker", speech(), done("talker"))
    out = house.say("playback", done("playback"))
    assert [closed.reason for closed in closings(out)] == ["answered"]


def test_a_new_question_cuts_an_apology_off() -> None:
    """What is said instead of an answer can be interrupted like one."""
    house = House()
    house.hear(1)
    house.later(60_000)
    house.say("talker", speech(revision=2))
    house.hear(2)
    assert cancels(house.out)[-1].turn == 1
    house.say("talker", done("talker", 2))
    out = house.say("playback", done("playback", 2))
    assert [(closed.turn, closed.reason) for closed in closings(out)] == [(1, "given_up")]


def test_a_worker_that_takes_no_more_ends_the_turn_aloud() -> None:
    """Nothing is dropped silently: too long a backlog gives the turn up."""
    house = busy_house()
    out = house.turns.overflowed("home", 1, house.now_ms * 1_000_000)
    assert [notice.reason for notice in notices(out)] == ["backlog"]
    assert house.turns.overflowed("home", 1, house.now_ms * 1_000_000) == []


@pytest.mark.parametrize(
    ("languages", "language", "spoken"),
    [(("es", "en"), "", "es"), (("es", "en"), "en", "en"), (("de",), "fr", "en")],
)
def test_a_notice_is_in_a_language_the_user_speaks(
    languages: tuple[str, ...], language: str, spoken: str
) -> None:
    """The turn's language, else the user's first, else English."""
    rules = Rules(cancel_wait_ms=100, deadline_ms=1_000, languages=languages, held_bytes=1 << 20)
    house = House(rules=rules)
    house.say("capture", started(), ended())
    house.say("encoder", final("x", language=language))
    (notice,) = notices(house.later(1_000))
    assert notice.language == spoken


def test_turns_of_two_rooms_do_not_touch() -> None:
    """Words in one session cancel nothing in another."""
    house = busy_house()
    for frame in (started(2), ended(1, 2)):
        house.say("capture", replace(frame, session="kitchen"))
    house.say("encoder", replace(final("hello", turn=2), session="kitchen"))
    assert cancels(house.out) == []
    assert "Transcript" in [type(each).__name__ for each in received(house.out, "thinker")]
