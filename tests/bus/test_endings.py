from __future__ import annotations

import pytest
from msgspec.structs import replace

from bus.frames import Notice
from tests.bus.bus_frames import (
    audio,
    clause,
    done,
    ended,
    final,
    paused,
    played,
    speech,
    started,
)
from tests.bus.bus_house import RULES, House, busy_house, cancels, closings, kinds, notices


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
    rules = replace(RULES, deadline_ms=1_000, languages=languages)
    house = House(rules=rules)
    house.say("capture", started(), ended())
    house.say("encoder", final("x", language=language))
    (notice,) = notices(house.later(1_000))
    assert notice.language == spoken
