from __future__ import annotations

from bus.frames import Cancel, Closed, Credit
from bus.kept import Kept
from tests.bus.bus_frames import audio, candidate, clause, played, speech, started


def test_outputs_are_kept_until_their_turn_is_closed() -> None:
    """A restarted hub may have to be told again."""
    kept = Kept(1 << 20)
    for frame in (started(1), audio(0, 1), started(2), Credit(consumed_bytes=1)):
        kept.add(frame)
    assert kept.frames("home", 1) == (started(1), audio(0, 1))
    assert kept.turns() == {("home", 1), ("home", 2)}
    kept.closed(Closed(session="home", turn=1, reason="answered"))
    assert kept.frames("home", 1) == ()
    kept.add(audio(320, 1))
    assert kept.all() == (started(2),)
    kept.closed(Closed(session="home", turn=2, reason="answered"))
    assert kept.bytes_held == 0


def test_only_the_newest_report_of_the_loudspeaker_is_kept() -> None:
    """Played comes 50 times a second, and the newest says all."""
    kept = Kept(1 << 20)
    for samples in range(100):
        kept.add(played(samples))
    assert kept.frames("home", 1) == (played(99),)


def test_what_is_kept_is_bounded() -> None:
    """The oldest turn goes; the last one stays whole."""
    kept = Kept(4_000)
    for turn in (1, 2):
        for index in range(3):
            kept.add(audio(index * 320, turn))
    assert kept.frames("home", 1) == ()
    assert len(kept.frames("home", 2)) == 3


def test_sound_of_a_wrong_guess_is_let_go() -> None:
    """Clauses and sound of a void revision go; transcripts and other revisions stay."""
    kept = Kept(1 << 20)
    kept.add(clause(revision=2))
    held_bytes = kept.bytes_held
    kept.add(candidate(revision=1))
    with_transcript_bytes = kept.bytes_held
    for frame in (clause(revision=1), speech(0, revision=1), speech(320, revision=1)):
        kept.add(frame)
    kept.cancelled(
        Cancel(session="home", turn=1, revision=1, whole_turn=False, reason="superseded")
    )
    assert kept.frames("home", 1) == (clause(revision=2), candidate(revision=1))
    assert kept.bytes_held == with_transcript_bytes > held_bytes
