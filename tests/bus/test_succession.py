from __future__ import annotations

from msgspec.structs import replace

from bus.dispatch import Delivery
from bus.frames import Member, Resume, Transcript
from bus.workers import WorkerId
from tests.bus.bus_frames import audio, clause, done, ended, final, paused, played, speech, started
from tests.bus.bus_house import House, closings, kinds, notices, received


def past(out: list[Delivery]) -> list[str]:
    """Return the types of what is redelivered on the data socket."""
    return [type(each.frame).__name__ for each in out if each.is_past]


def test_a_successor_is_given_the_whole_turn_and_what_was_said() -> None:
    """All inputs, then the outputs already routed, behind an announcement of how many."""
    house = House()
    house.hear()
    house.say("thinker", clause(0))
    house.die("thinker")
    out = house.join("thinker", incarnation=2)
    assert past(out) == [
        "Resume", "SpeechStarted", "SpeechPaused", "SpeechEnded", "Transcript", "Clause",
    ]  # fmt: skip
    announcements = [each.frame for each in out if isinstance(each.frame, Resume)]
    assert [(each.inputs, each.sent) for each in announcements] == [(4, 1), (4, 1)]
    assert all(each.to == (WorkerId("thinker", 0, 2),) for each in out)
    assert not any(each.is_new for each in out)


def test_the_dead_are_refused() -> None:
    """What a killed worker had still sent is dropped."""
    house = House()
    house.hear()
    house.die("thinker")
    assert house.turns.workers.refuses(WorkerId("thinker", 0, 1))
    assert not house.turns.workers.refuses(WorkerId("thinker", 0, 2))


def test_what_the_predecessor_said_is_not_said_twice() -> None:
    """A successor that makes the same clause again is not heard."""
    house = House()
    house.hear()
    house.say("thinker", clause(0))
    house.die("thinker")
    house.join("thinker", incarnation=2)
    assert house.say("thinker", clause(0), incarnation=2) == []
    out = house.say("thinker", clause(1), incarnation=2)
    assert kinds(out, "talker") == ["Clause"]


def test_frames_during_the_gap_are_not_lost() -> None:
    """What arrives while a stage has no worker is given to the successor."""
    house = House()
    house.say("capture", started(), audio(0))
    house.die("encoder")
    house.say("capture", audio(320), ended())
    out = house.join("encoder", incarnation=2)
    assert past(out) == ["Resume", "SpeechStarted", "AudioChunk", "AudioChunk", "SpeechEnded"]


def test_a_stage_that_was_never_there_gets_the_turn_as_it_happened() -> None:
    """A slow start is no death: nothing is announced, nothing is counted."""
    house = House(absent=("encoder",))
    house.say("capture", started(), audio(0), ended())
    out = house.join("encoder")
    assert kinds(out, "encoder") == ["SpeechStarted", "AudioChunk", "SpeechEnded"]
    assert past(out) == []


def test_playback_goes_on_where_it_was_heard() -> None:
    """Its successor is told the last Played, and no older one."""
    house = House()
    house.hear()
    house.answer()
    house.say("playback", played(200), played(300))
    house.die("playback")
    out = house.join("playback", incarnation=2)
    assert past(out)[-2:] == ["SpeechChunk", "Played"]
    assert [each.frame for each in out][-1] == played_as_routed(house, 300)


def played_as_routed(house: House, samples: int) -> object:
    return next(each.frame for each in house.out if getattr(each.frame, "samples", None) == samples)


def test_void_revisions_are_not_given_again() -> None:
    """A successor does not work on guesses that were wrong."""
    house = House()
    house.say("capture", started(), paused(1))
    house.say("encoder", final("one", revision=1))
    house.say("encoder", replace(final("two", revision=2), index=101))
    house.die("thinker")
    out = house.join("thinker", incarnation=2)
    transcripts = [each for each in received(out, "thinker") if isinstance(each, Transcript)]
    assert [each.revision for each in transcripts] == [2]


def test_a_turn_that_kills_its_workers_is_given_up() -> None:
    """Twice it is given again; the third death ends it with a reason aloud."""
    house = House()
    house.hear()
    for incarnation in (1, 2):
        house.die("thinker", incarnation=incarnation)
        assert notices(house.join("thinker", incarnation=incarnation + 1)) == []
    house.die("thinker", incarnation=3)
    out = house.join("thinker", incarnation=4)
    assert [notice.reason for notice in notices(out)] == ["redelivered"]
    house.say("talker", done("talker", 2))
    (closed,) = closings(house.say("playback", done("playback", 2)))
    assert (closed.reason, closed.redelivered) == ("given_up", 2)


def test_a_worker_that_was_done_may_die_for_nothing() -> None:
    """Its turn is not counted against it, and closes as usual."""
    house = House()
    house.hear()
    house.answer()
    for incarnation in range(1, 6):
        house.die("encoder", incarnation=incarnation)
        house.join("encoder", incarnation=incarnation + 1)
    (closed,) = closings(house.say("playback", done("playback")))
    assert (closed.reason, closed.redelivered) == ("answered", 0)


def test_a_dead_worker_owes_nothing_for_a_cancelled_turn() -> None:
    """The turn closes without a successor's Done."""
    house = House()
    house.hear(1)
    house.answer(1)
    house.hear(2)
    out = house.die("playback")
    assert [(closed.turn, closed.reason) for closed in closings(out)] == [(1, "cancelled")]


def test_another_worker_of_the_stage_takes_over_at_once() -> None:
    """With two talkers, the living one goes on."""
    house = House()
    house.join("talker", worker=1)
    house.hear()
    out = house.say("thinker", clause())
    (first,) = [who for each in out for who in each.to if who.stage == "talker"]
    out = house.die("talker", worker=first.worker)
    assert past(out) == ["Resume", "Clause"]
    assert {who.worker for each in out for who in each.to} == {1 - first.worker}


def test_turns_go_to_the_least_loaded_worker() -> None:
    """Two open turns are shared by two encoders."""
    house = House()
    house.join("encoder", worker=1)
    house.say("capture", started(1), started(2))
    heard = [who for each in house.out for who in each.to if who.stage == "encoder" and each.is_new]
    assert {who.worker for who in heard} == {0, 1}


def test_a_session_keeps_its_thinker() -> None:
    """The history of a conversation is in one process."""
    house = House()
    house.join("thinker", worker=1)
    thinkers: set[WorkerId] = set()
    for turn in (1, 2, 3):
        out = house.say("capture", started(turn))
        thinkers |= {who for each in out for who in each.to if who.stage == "thinker"}
    assert len(thinkers) == 1


def test_a_worker_that_has_not_the_turn_may_not_speak_for_it() -> None:
    """The other talker's sound would be a second voice."""
    house = House()
    house.join("talker", worker=1)
    house.hear()
    house.say("thinker", clause())
    house.say("talker", speech(), worker=0)
    assert house.say("talker", speech(320), worker=1) == []
    assert house.turns.refused["not_assigned"] == 1


def test_a_hello_of_the_next_incarnation_buries_the_last() -> None:
    """The supervisor's Gone may come late."""
    house = House()
    house.hear()
    stage: Member = "talker"
    house.say("thinker", clause())
    out = house.join(stage, incarnation=2)
    assert past(out) == ["Resume", "Clause"]
    house.die(stage, incarnation=1)
    assert house.turns.workers.is_ready(WorkerId(stage, 0, 2))


def test_withheld_thoughts_are_not_redelivered_early() -> None:
    """A thinker that dies while the next question waits gets it after the wait."""
    house = House()
    house.hear(1)
    house.answer(1)
    house.hear(2)
    house.die("thinker")
    out = house.join("thinker", incarnation=2)
    texts = [each for each in received(out, "thinker") if isinstance(each, Transcript)]
    assert texts == []
    assert kinds(house.later(100), "thinker") == ["SpeechEnded", "Transcript"]
