"""Turns with many wrong guesses: nothing void is delivered again, nothing piles up."""

from __future__ import annotations

from msgspec.structs import replace

from bus.frames import Clause, SpeechChunk, Transcript
from tests.bus.bus_frames import (
    audio,
    candidate,
    clause,
    done,
    ended,
    final,
    partial,
    paused,
    played,
    resumed,
    speech,
    started,
)
from tests.bus.bus_house import House, cancels, closings, kinds, received

MANY = 10


def hesitate(house: House, revision: int) -> None:
    """Let the user pause, everybody guess, and the user go on."""
    guess(house, revision)
    house.say("capture", resumed(revision))


def guess(house: House, revision: int) -> None:
    house.say("encoder", partial("what", revision=revision, index=2 * revision))
    house.say("capture", paused(revision))
    house.say("encoder", replace(candidate(revision=revision), index=2 * revision + 1))
    house.say("thinker", clause(revision=revision))
    for index in range(20):
        house.say("talker", speech(index * 320, revision=revision))
    house.say("talker", done("talker", revision))


def hesitant_house() -> House:
    """Return a house whose user paused MANY times, and once more."""
    house = House()
    house.say("capture", started(), audio(0))
    for revision in range(1, MANY + 1):
        hesitate(house, revision)
    guess(house, MANY + 1)
    return house


def test_each_wrong_guess_is_cancelled_once_everywhere() -> None:
    """Thinker, talker and playback hear of each, and of none twice."""
    house = hesitant_house()
    assert [each.revision for each in cancels(house.out)] == list(range(1, MANY + 1))
    for stage in ("thinker", "talker", "playback"):
        assert kinds(house.out, stage).count("Cancel") == MANY


def test_what_a_wrong_guess_made_is_refused() -> None:
    """Clauses and sound that were under way reach nobody."""
    house = hesitant_house()
    for revision in range(1, MANY + 1):
        assert house.say("thinker", clause(1, revision=revision)) == []
        assert house.say("talker", speech(9_600, revision=revision)) == []


def test_wrong_guesses_do_not_pile_up() -> None:
    """The hub holds the sound of one revision, however often the user paused."""
    house = House()
    house.say("capture", started())
    sizes = []
    for revision in range(1, MANY + 1):
        hesitate(house, revision)
        (turn,) = house.turns._open.values()
        sizes.append(turn.bytes_held)
    assert sizes[-1] - sizes[0] < (MANY - 1) * 8 * 1_024
    guess(house, MANY + 1)
    assert turn.bytes_held - sizes[-1] > 20 * 640


def test_a_successor_is_given_the_last_guess_only() -> None:
    """Whoever dies in a turn of many guesses leaves one to go on with."""
    house = hesitant_house()
    for stage in ("thinker", "talker", "playback"):
        house.die(stage)
        past = received(house.join(stage, incarnation=2), stage)
        made = [frame for frame in past if isinstance(frame, Clause | SpeechChunk)]
        assert {frame.revision for frame in made} == {MANY + 1}
        guesses = [
            frame.revision
            for frame in past
            if isinstance(frame, Transcript) and frame.state == "candidate"
        ]
        assert guesses == ([MANY + 1] if stage == "thinker" else [])


def test_the_right_guess_is_answered_and_closed() -> None:
    """What was done for it before the end was certain counts."""
    house = hesitant_house()
    last = MANY + 1
    house.say("capture", ended(last))
    house.say("encoder", final(revision=last), done("encoder", last))
    house.say("playback", played(320, revision=last, last=True), done("playback", last))
    out = house.say("thinker", done("thinker", last))
    assert [(each.revision, each.reason) for each in closings(out)] == [(last, "answered")]
    assert house.turns.next_due_ns() is None


def test_a_partial_text_after_the_end_is_too_late() -> None:
    """It was under way when the end was confirmed."""
    house = hesitant_house()
    house.say("capture", ended(MANY + 1))
    assert house.say("encoder", partial("what", revision=MANY + 2, index=99)) == []
