import pytest
from msgspec.structs import replace

from bus.frames import (
    AnyFrame,
    Clause,
    Closed,
    Ending,
    Notice,
    Played,
    SpeechChunk,
    SpeechEnded,
    SpeechStarted,
    Transcript,
)
from supervisor.ladders import TurnTimes
from supervisor.reports import Reports

MS = 1_000_000
CLOCK_NS = 5_000_000_000
ANSWERED: tuple[AnyFrame, ...] = (
    SpeechStarted(session="home", turn=1, sample=8_000),
    SpeechEnded(
        session="home", turn=1, revision=2, sample=40_000, speech_end_sample=32_000,
        reason="silence", at_ns=CLOCK_NS + 2_510 * MS,
    ),
    Transcript(
        session="home", turn=1, revision=2, index=0, text="¿Qué hora es?", language="es",
        state="final", at_ns=CLOCK_NS + 2_530 * MS,
    ),
    Clause(
        session="home", turn=1, revision=2, index=0, text="Son las dos.", language="es",
        last=False, at_ns=CLOCK_NS + 2_830 * MS,
    ),
    SpeechChunk(
        session="home", turn=1, revision=2, clause=0, clause_text="Son las dos.",
        first_sample=0, rate=22_050, pcm=b"", clause_last=False, last=False,
        at_ns=CLOCK_NS + 2_930 * MS,
    ),
    Clause(session="home", turn=1, revision=2, index=1, text="", language="es", last=True),
    Played(
        session="home", turn=1, revision=2, clause=0, samples=22_050, rate=22_050,
        text="Son las dos.", clock_sample=70_000, first_clock_sample=48_000, last=True,
    ),
)  # fmt: skip


def test_a_turn_is_reported_when_it_closes() -> None:
    """Texts, times and steps of an answered turn."""
    reports = Reports()
    assert [reports.feed(frame) for frame in ANSWERED] == [None] * len(ANSWERED)
    closed = reports.feed(Closed(session="home", turn=1, reason="answered"))
    assert closed is not None
    assert closed.answered
    row = closed.as_json(CLOCK_NS, realtime=True)
    assert row == {
        "turn": 1,
        "transcript": "¿Qué hora es?",
        "language": "es",
        "emotion": {},
        "retrieved": [],
        "answer": "Son las dos.",
        "heard": "Son las dos.",
        "speech_end_s": 2.0,
        "first_sound_s": 3.0,
        "voice_to_voice_ms": 1000.0,
        "steps_ms": {
            "endpoint": 510.0, "encoder": 20.0, "first_clause": 300.0, "first_chunk": 100.0
        },
        "revisions": 1,
        "redelivered": 0,
    }  # fmt: skip
    assert closed.as_json(CLOCK_NS, realtime=False)["steps_ms"]["endpoint"] == 500.0


def test_a_noise_is_no_turn() -> None:
    """An utterance without words is closed and not reported."""
    reports = Reports()
    reports.feed(SpeechStarted(session="home", turn=1, sample=0))
    closed = reports.feed(Closed(session="home", turn=1, reason="no_words"))
    assert closed is not None
    assert not closed.has_words
    assert reports.turns == []
    assert reports.all_answered


def test_a_turn_given_up_is_not_answered() -> None:
    """The reason that was said aloud is no answer."""
    reports = Reports()
    reports.feed(
        Transcript(session="home", turn=1, index=0, text="hi", language="en", state="final")
    )
    closed = reports.feed(Closed(session="home", turn=1, reason="given_up"))
    assert closed is not None
    assert not closed.answered
    assert closed.as_json(0, realtime=False)["voice_to_voice_ms"] is None


def test_closed_turns_are_let_go() -> None:
    """A daemon that lives for months does not grow with what it has said."""
    reports = Reports(keep=False)
    for turn in range(1, 4):
        reports.feed(SpeechStarted(session="home", turn=turn, sample=8_000))
        closed = reports.feed(Closed(session="home", turn=turn, reason="answered"))
        assert closed is not None
        assert closed.answered
    assert reports._turns == {}


def test_a_turn_lost_before_it_had_words_is_not_answered() -> None:
    """Somebody spoke; that nobody knows what is no excuse."""
    reports = Reports()
    reports.feed(SpeechStarted(session="home", turn=1, sample=0))
    reports.feed(Closed(session="home", turn=1, reason="given_up"))
    assert not reports.all_answered
    assert [report.turn for report in reports.turns] == [1]


def test_steps_are_those_of_the_guess_that_was_right() -> None:
    """Thinking and speaking begin with its candidate, before the end is certain."""
    reports = Reports()
    words = Transcript(
        session="home", turn=1, revision=2, index=3, text="hi there", language="en",
        state="candidate", at_ns=CLOCK_NS + 2_200 * MS,
    )  # fmt: skip
    clause = Clause(
        session="home", turn=1, revision=2, index=0, text="Hello.", language="en", last=True,
        at_ns=CLOCK_NS + 2_350 * MS,
    )  # fmt: skip
    chunk = SpeechChunk(
        session="home", turn=1, revision=2, clause=0, clause_text="Hello.", first_sample=0,
        rate=22_050, pcm=b"", clause_last=False, last=False, at_ns=CLOCK_NS + 2_390 * MS,
    )  # fmt: skip
    ended = SpeechEnded(
        session="home", turn=1, revision=2, sample=36_800, speech_end_sample=32_000,
        reason="model", at_ns=CLOCK_NS + 2_305 * MS,
    )  # fmt: skip
    for frame in (
        replace(words, revision=1, index=1, text="hi", at_ns=CLOCK_NS + 1_000 * MS),
        replace(clause, revision=1, text="Yes?", at_ns=CLOCK_NS + 1_100 * MS),
        replace(chunk, revision=1, at_ns=CLOCK_NS + 1_200 * MS),
        words,
        clause,
        ended,
        replace(words, index=4, state="final", at_ns=CLOCK_NS + 2_306 * MS),
        chunk,
        Closed(session="home", turn=1, reason="answered"),
    ):
        reports.feed(frame)
    (turn,) = reports.turns
    row = turn.as_json(CLOCK_NS, realtime=True)
    assert row["answer"] == "Hello."
    assert row["revisions"] == 2
    assert row["steps_ms"] == {
        "endpoint": 305.0, "encoder": 1.0, "first_clause": 150.0, "first_chunk": 40.0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "outcome"), [("cancelled", "interrupted"), ("no_answer", "no answer wanted")]
)
def test_who_interrupts_was_not_left_without_an_answer(reason: Ending, outcome: str) -> None:
    """An answer that the user stopped is no failure, and "mm-hm" wants none."""
    reports = Reports()
    reports.feed(
        Transcript(session="home", turn=1, index=0, text="hi", language="en", state="final")
    )
    closed = reports.feed(Closed(session="home", turn=1, reason=reason))
    assert closed is not None
    assert closed.outcome == outcome
    assert reports.all_answered


@pytest.mark.parametrize(
    ("last", "times"),
    [
        (SpeechEnded, TurnTimes(8_000.0, 8_000.0, None, None)),
        (Transcript, TurnTimes(8_000.0, 20.0, 7_980.0, None)),
        (Clause, TurnTimes(8_000.0, 20.0, 300.0, 7_680.0)),
    ],
)
def test_who_missed_the_deadline_is_known(last: type[AnyFrame], times: TurnTimes) -> None:
    """The stage that was waited for took until the turn was given up."""
    reports = Reports()
    for frame in ANSWERED:
        reports.feed(frame)
        if isinstance(frame, last):
            break
    late = Notice(
        session="home", turn=1, revision=3, text="Sorry.", language="es", reason="deadline",
        at_ns=CLOCK_NS + 10_510 * MS,
    )  # fmt: skip
    closed = Closed(session="home", turn=1, reason="given_up")
    for reason, expected in (("interrupted", TurnTimes(*[None] * 4)), ("deadline", times)):
        reports.feed(replace(late, reason=reason))
        report = reports.feed(closed)
        assert report is not None
        assert report.times == expected
