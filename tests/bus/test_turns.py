from __future__ import annotations

from msgspec.structs import replace

from bus.frames import Cancel, SourceEnded, StageName, Transcript
from bus.turns import Turns
from tests.bus.bus_frames import (
    audio,
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
from tests.bus.bus_house import House, closings, kinds


def test_sound_goes_to_the_encoder_alone() -> None:
    """An AudioChunk is for speech to text and nobody else."""
    house = House()
    house.say("capture", started())
    (delivery,) = house.say("capture", audio(4_800))
    assert [who.stage for who in delivery.to] == ["encoder"]


def test_boundaries_reach_who_acts_on_them() -> None:
    """Encoder, thinker, playback and supervisor hear of pauses; the talker does not."""
    house = House()
    out = house.say("capture", started(), paused())
    for stage in ("encoder", "thinker", "playback", "supervisor"):
        assert kinds(out, stage) == ["SpeechStarted", "SpeechPaused"]
    assert kinds(out, "talker") == kinds(out, "capture") == []


def test_the_supervisor_hears_of_first_and_last_sound_only() -> None:
    """Figures need the first chunk and what was heard in the end, not each 20 ms."""
    house = House()
    house.hear()
    out = house.say("talker", speech(0), speech(320))
    out += house.say("playback", played(100), played(200), played(320, last=True))
    assert kinds(out, "supervisor") == ["SpeechChunk", "Played"]
    assert kinds(out, "talker") == kinds(out, "capture") == ["Played"] * 3
    assert kinds(out, "thinker") == ["Played"]


def test_who_has_said_it_all_need_not_know_how_far_it_was_heard() -> None:
    """The talker keeps a distance from the ear only while it speaks; its end lets sound go."""
    house = House()
    house.hear()
    house.say("thinker", clause(), done("thinker"))
    house.say("talker", speech(0), done("talker"))
    assert kinds(house.say("playback", played(100), played(200)), "talker") == []
    assert kinds(house.say("playback", played(320, last=True)), "talker") == ["Played"]


def test_frames_are_stamped_in_one_order() -> None:
    """Each routed frame has the next number and the time at which it was routed."""
    house = House()
    house.hear()
    house.answer()
    new = [each.frame for each in house.out if each.is_new]
    assert [frame.seq for frame in new] == list(range(1, len(new) + 1))
    assert {frame.at_ns for frame in new} == {house.now_ms * 1_000_000}


def test_a_turn_is_answered_when_four_stages_are_done() -> None:
    """Encoder, thinker, talker and playback say Done; then all are told, the supervisor too."""
    house = House()
    house.hear()
    house.answer()
    assert not closings(house.out)
    out = house.say("playback", played(320, last=True), done("playback"))
    assert [closed.reason for closed in closings(out)] == ["answered"]
    for stage in ("capture", "encoder", "thinker", "talker", "playback", "supervisor"):
        assert kinds(out, stage)[-1] == "Closed"


def test_done_for_a_void_revision_closes_nothing() -> None:
    """What was done for an earlier guess is not done for the confirmed one."""
    house = House()
    house.say("capture", started(), paused(1), resumed(1), paused(2), ended(2))
    house.say("encoder", final(revision=2), done("encoder", 2))
    stages: tuple[StageName, ...] = ("thinker", "talker", "playback")
    for stage in stages:
        assert not closings(house.say(stage, done(stage, 1)))
    house.say("thinker", done("thinker", 2))
    house.say("talker", done("talker", 2))
    assert closings(house.say("playback", done("playback", 2)))


def test_an_utterance_without_words_closes_its_turn() -> None:
    """A slammed door: the supervisor is told, the thinker is not asked."""
    house = House()
    house.say("capture", started(), audio(0), paused(), ended())
    out = house.say("encoder", final("  "), done("encoder"))
    assert [closed.reason for closed in closings(out)] == ["no_words"]
    assert "Transcript" not in kinds(house.say("encoder"), "thinker")


def test_an_empty_text_is_not_thought_about() -> None:
    """The thinker is not given an empty final transcript."""
    house = House()
    house.say("capture", started(), ended())
    out = house.say("encoder", final(""))
    assert kinds(out, "thinker") == ["Closed"]
    assert kinds(out, "supervisor") == ["Transcript", "Closed"]


def test_a_frame_named_before_is_dropped() -> None:
    """The same chunk, clause or sound twice is routed once."""
    house = House()
    house.hear()
    house.answer()
    assert house.say("capture", audio(4_800)) == []
    assert house.say("encoder", final()) == []
    assert house.say("thinker", clause()) == []
    assert house.say("talker", speech()) == []
    assert house.say("playback", played(100)) == []
    assert house.turns.refused["duplicate"] == 5


def test_a_frame_of_a_closed_turn_is_dropped() -> None:
    """Turn numbers only rise: a closed turn is never opened again."""
    house = House()
    house.say("capture", started(), ended())
    house.say("encoder", final(""))
    assert house.say("capture", audio(9_600)) == []
    assert house.say("encoder", done("encoder")) == []
    assert house.turns.refused["no_such_turn"] == 2


def test_only_capture_opens_a_turn() -> None:
    """A transcript out of nowhere is dropped."""
    house = House()
    assert house.say("encoder", final()) == []
    assert house.turns.refused["no_such_turn"] == 1


def test_nobody_speaks_for_another_stage() -> None:
    """Frames are taken from the stage that makes them; Cancel is the hub's alone."""
    house = House()
    house.hear()
    cancel = Cancel(session="home", turn=1, whole_turn=True, reason="because")
    assert house.say("thinker", speech(), done("talker"), cancel) == []
    assert house.turns.refused["not_yours"] == 3


def test_capture_is_welcomed_with_clock_and_turn_number() -> None:
    """A successor's clock and turn numbers go on where they were."""
    house = House()
    assert house.turns.welcome().next_turn == 1
    house.hear()
    house.answer()
    welcome = house.turns.welcome()
    assert welcome.next_turn == 2
    assert welcome.clock_sample == 30_100
    assert [(each.session, each.turn) for each in welcome.open_turns] == [("home", 1)]


def test_a_turn_from_before_keeps_its_number() -> None:
    """A restarted hub that finds a log of turn 6 begins with 7."""
    house = House()
    house.turns.remember("home", 6)
    assert house.turns.welcome().next_turn == 7
    assert house.say("capture", started(6)) == []


def test_the_end_of_the_source_reaches_playback_and_supervisor() -> None:
    """It belongs to no turn."""
    house = House()
    frame = SourceEnded(clock_sample=1, turns=1)
    (delivery,) = house.turns.accept(next(iter(house.turns.workers.of("capture"))), frame, 5)
    assert [who.stage for who in delivery.to] == ["playback", "supervisor"]


def test_a_turn_that_grows_without_end_is_given_up() -> None:
    """The hub holds a bounded number of bytes per turn."""
    house = House()
    house.say("capture", started())
    for index in range(3_000):
        house.say("capture", audio(index * 320))
    assert kinds(house.out, "talker") == ["Notice"]
    assert house.turns.refused["stale"] > 1_000


def test_sessions_are_bounded() -> None:
    """A peer that invents sessions does not make the hub grow."""
    house = House()
    capture = next(iter(house.turns.workers.of("capture")))
    for number in range(300):
        house.turns.accept(capture, replace(started(), session=f"room{number}"), 1)
    assert house.turns.refused["too_many_sessions"] == 300 - 256


def test_partial_transcripts_are_never_void() -> None:
    """They serve prefill only, and carry the number of no particular guess."""
    house = House()
    house.say("capture", started(), paused(1), resumed(1))
    partial = Transcript(
        session="home", turn=1, revision=1, index=7, text="what", language="en", state="partial"
    )
    assert kinds(house.say("encoder", partial), "thinker") == ["Transcript"]


def test_nothing_is_due_when_no_turn_is_open() -> None:
    """An idle hub sleeps."""
    house = House()
    assert isinstance(house.turns, Turns)
    assert house.turns.next_due_ns() is None
    house.hear()
    assert house.turns.next_due_ns() is not None
