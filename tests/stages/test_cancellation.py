from bus.frames import AudioChunk, Cancel, Clause, Closed, Played, SpeechResumed, Transcript
from stages.cancellation import Ended, calls_off


def clause(turn: int, revision: int) -> Clause:
    return Clause(
        session="s", turn=turn, revision=revision, index=0, text="a", language="en", last=True
    )


def test_a_cancelled_turn_covers_all_its_revisions() -> None:
    """Work on any revision of a cancelled turn is pointless."""
    ended = Ended()
    ended.note(Cancel(session="s", turn=3, revision=0, whole_turn=True, reason="barge-in"))
    assert ended.covers(clause(3, 1))
    assert ended.covers(clause(3, 2))
    assert not ended.covers(clause(4, 1))


def test_a_cancelled_revision_leaves_the_next_alone() -> None:
    """A wrong guess at the end is dropped, the next guess is worked on."""
    ended = Ended()
    ended.note(Cancel(session="s", turn=3, revision=1, whole_turn=False, reason="superseded"))
    assert ended.covers(clause(3, 1))
    assert not ended.covers(clause(3, 2))
    assert not ended.covers(AudioChunk(session="s", turn=3, first_sample=0, pcm=b""))


def test_the_same_turn_number_of_another_session_goes_on() -> None:
    """Turns are numbered within a session."""
    ended = Ended()
    ended.note(Closed(session="other", turn=3, reason="answered"))
    assert not ended.covers(clause(3, 1))


def test_reports_are_heard_to_the_end() -> None:
    """History is read from the last Played, which comes after Cancel."""
    ended = Ended()
    ended.note(Cancel(session="s", turn=3, revision=1, whole_turn=True, reason="barge-in"))
    played = Played(
        session="s", turn=3, revision=1, clause=0, samples=1, rate=16_000, text="a",
        clock_sample=1, first_clock_sample=0, last=True,
    )  # fmt: skip
    assert not ended.covers(played)


def test_other_frames_end_nothing() -> None:
    """Only Cancel and Closed end work."""
    ended = Ended()
    ended.note(SpeechResumed(session="s", turn=3, revision=1, sample=5))
    assert not ended.covers(
        Transcript(session="s", turn=3, revision=1, index=0, text="a", language="en", state="final")
    )


def test_memory_is_bounded() -> None:
    """The oldest endings are forgotten, for nothing of them can be under way any more."""
    ended = Ended()
    for turn in range(1000):
        ended.note(Closed(session="s", turn=turn, reason="answered"))
    assert not ended.covers(clause(0, 1))
    assert ended.covers(clause(999, 1))


def test_a_turn_of_many_guesses_does_not_push_others_out() -> None:
    """Ten wrong guesses of each of twenty turns: the first one's sound is still refused."""
    ended = Ended()
    for turn in range(1, 21):
        for revision in range(1, 11):
            ended.note(
                Cancel(
                    session="s", turn=turn, revision=revision, whole_turn=False, reason="superseded"
                )
            )
    assert ended.covers(clause(1, 1))
    assert not ended.covers(clause(1, 11))


def test_sound_in_hand_is_left_for_a_cancel_of_its_turn() -> None:
    """It bears no revision: what is written down under it may be the guess that was wrong."""
    sound = AudioChunk(session="s", turn=3, first_sample=0, pcm=b"")
    own, other = (
        Cancel(session="s", turn=turn, revision=1, whole_turn=False, reason="superseded")
        for turn in (3, 2)
    )
    assert calls_off([other, own], sound)
    assert not calls_off([], sound)
    assert not calls_off([other], sound)
    assert not calls_off([own], clause(3, 2))
