from bus.frames import Clause, Closed, SpeechPaused, SpeechStarted
from supervisor.work import workers_with


def test_a_frame_is_work_for_the_stage_that_answers_it() -> None:
    """A pause wants a text, a clause wants sound; that a turn is closed wants nothing."""
    pause = SpeechPaused(session="home", turn=1, revision=0, sample=9, speech_end_sample=5)
    clause = Clause(
        session="home", turn=1, revision=0, index=0, text="Yes.", language="en", last=False
    )
    assert workers_with(pause) == ("encoder",)
    assert "hub" in workers_with(SpeechStarted(session="home", turn=1, sample=0))
    assert workers_with(clause) == ("talker",)
    assert workers_with(Closed(session="home", turn=1, reason="answered")) == ()
