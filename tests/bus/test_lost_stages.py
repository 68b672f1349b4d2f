from __future__ import annotations

import pytest

from bus.dispatch import Delivery
from bus.frames import Closed, Member, Notice
from bus.workers import WorkerId
from tests.bus.bus_frames import audio, done, ended, final, played, started
from tests.bus.bus_house import MS, House


def lose(house: House, stage: Member) -> list[Delivery]:
    """Let the supervisor say that nobody of `stage` will come back."""
    return house.turns.gone(WorkerId(stage, 0, 1), house.now_ms * MS, for_good=True)


def notices(out: list[Delivery]) -> list[Notice]:
    return [each.frame for each in out if isinstance(each.frame, Notice)]


@pytest.mark.parametrize("stage", ["thinker", "encoder"])
def test_a_turn_that_needs_a_lost_stage_ends_with_a_reason(stage: Member) -> None:
    """The user hears what is missing, from file, not silence until the deadline."""
    house = House()
    lose(house, stage)
    out = house.say("capture", started(), audio(0), ended())
    if stage == "thinker":
        out += house.say("encoder", final("what time is it"))
    (notice,) = notices(out)
    assert (notice.reason, notice.prerecorded) == (f"{stage}_lost", True)
    house.die("talker")
    assert not notices(house.join("talker", incarnation=2))
    out = house.say("playback", played(9, notice.revision, last=True))
    out += house.say("playback", done("playback", revision=notice.revision))
    assert [each.frame.reason for each in out if isinstance(each.frame, Closed)] == ["given_up"]


def test_a_turn_under_way_is_given_up_too() -> None:
    """It waited for a worker that will not come."""
    house = House()
    house.hear()
    assert [notice.reason for notice in notices(lose(house, "thinker"))] == ["thinker_lost"]


def test_without_a_voice_playback_has_the_line_on_file() -> None:
    """The talker, which is not there, owes nothing."""
    house = House()
    house.hear()
    out = lose(house, "talker")
    (notice,) = notices(out)
    assert (notice.reason, notice.prerecorded) == ("talker_lost", True)
    assert {who.stage for each in out if each.frame is notice for who in each.to} == {
        "playback", "supervisor",
    }  # fmt: skip
    out = house.say("playback", done("playback", revision=notice.revision))
    assert any(isinstance(each.frame, Closed) for each in out)


def test_a_stage_with_another_worker_is_not_lost() -> None:
    """Of two workers one may fail."""
    house = House()
    house.join("thinker", worker=1)
    lose(house, "thinker")
    house.hear()
    assert notices(house.out) == []


def test_noise_needs_no_thinker() -> None:
    """Nobody asked anything: nothing is said."""
    house = House()
    lose(house, "thinker")
    house.say("capture", started(), audio(0), ended())
    out = house.say("encoder", final(""))
    assert notices(out) == []
    assert any(isinstance(each.frame, Closed) for each in out)
