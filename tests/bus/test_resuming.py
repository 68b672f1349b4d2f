from __future__ import annotations

from bus.frames import Resume, SpeechEnded
from bus.resuming import Resuming
from tests.bus.bus_frames import SESSION, audio, ended, started


def announce(inputs: int, sent: int, turn: int = 1) -> Resume:
    return Resume(session=SESSION, turn=turn, inputs=inputs, sent=sent)


def test_a_turn_is_handed_out_when_it_is_whole() -> None:
    """Inputs come first, then what the predecessor had sent."""
    resuming = Resuming()
    resuming.control(announce(2, 1))
    assert resuming.begin(announce(2, 1)) is None
    assert resuming.gather(started()) is None
    assert resuming.gather(audio(0)) is None
    whole = resuming.gather(audio(320))
    assert whole is not None
    assert list(whole.inputs) == [started(), audio(0)]
    assert list(whole.sent) == [audio(320)]
    assert not resuming.gathering


def test_control_waits_behind_the_past_of_its_turn() -> None:
    """What happens after the announcement is handed out after the redelivered frames."""
    resuming = Resuming()
    resuming.control(announce(1, 0))
    assert resuming.control(ended()) is None
    assert not resuming.has_control
    resuming.begin(announce(1, 0))
    assert resuming.gather(started()) is not None
    assert resuming.next_control() == ended()
    assert resuming.next_control() is None


def test_control_of_other_turns_does_not_wait() -> None:
    """Only the redelivered turn is held back."""
    resuming = Resuming()
    resuming.control(announce(1, 0))
    assert resuming.control(ended(turn=2)) == ended(turn=2)


def test_the_data_socket_may_be_faster() -> None:
    """A turn that was whole before its announcement came on control holds nothing back."""
    resuming = Resuming()
    resuming.begin(announce(1, 0))
    resuming.gather(started())
    resuming.control(announce(1, 0))
    assert resuming.control(ended()) == ended()


def test_a_malformed_frame_in_between_does_not_block() -> None:
    """The count goes on; the turn is handed out without the frame."""
    resuming = Resuming()
    resuming.begin(announce(2, 0))
    resuming.gather(None)
    whole = resuming.gather(started())
    assert whole is not None
    assert list(whole.inputs) == [started()]


def test_two_turns_wait_each_for_their_own_past() -> None:
    """A successor may be given several open turns."""
    resuming = Resuming()
    for turn in (1, 2):
        resuming.control(announce(1, 0, turn))
        assert resuming.control(ended(turn=turn)) is None
    resuming.begin(announce(1, 0, 1))
    resuming.gather(started(1))
    free = resuming.next_control()
    assert isinstance(free, SpeechEnded)
    assert free.turn == 1
    assert resuming.next_control() is None
