import numpy as np

from bus.frames import Clause, Played, SpeechChunk
from stages.speaking import Answer, ClauseSound


def clause(index: int, *, last: bool = False) -> Clause:
    return Clause(
        session="s", turn=1, revision=1, index=index, text="word", language="en", last=last
    )


def played(clause_index: int, samples: int) -> Played:
    return Played(
        session="s", turn=1, revision=1, clause=clause_index, samples=samples, rate=16_000,
        text="", clock_sample=0, first_clock_sample=0, last=False,
    )  # fmt: skip


def sound(*, sent_samples: int, last: bool = False) -> ClauseSound:
    return ClauseSound(clause(0, last=last), iter(()), 16_000, sent_samples)


def test_chunks_follow_each_other() -> None:
    """The first sample of a chunk is the end of the one before."""
    speaking = sound(sent_samples=0)
    first = speaking.chunk(np.ones(100, np.int16))
    second = speaking.chunk(np.ones(50, np.int16))
    assert first is not None
    assert second is not None
    assert (first.first_sample, second.first_sample) == (0, 100)


def test_a_successor_sends_only_what_is_missing() -> None:
    """What the dead predecessor sent is made again, and not sent again."""
    speaking = sound(sent_samples=120)
    assert speaking.chunk(np.arange(100, dtype=np.int16)) is None
    chunk = speaking.chunk(np.arange(100, 200, dtype=np.int16))
    assert chunk is not None
    assert chunk.first_sample == 120
    assert np.array_equal(np.frombuffer(chunk.pcm, "<i2"), np.arange(120, 200))


def test_the_ending_is_an_empty_chunk() -> None:
    """Only the last clause ends the answer."""
    assert sound(sent_samples=0).ending().clause_last
    assert not sound(sent_samples=0).ending().last
    assert sound(sent_samples=0, last=True).ending().last


def test_being_ahead_is_what_was_sent_and_not_heard() -> None:
    """Two clauses of a second, of which one and a half was heard."""
    answer = Answer()
    for index in (0, 1):
        answer.sent(
            SpeechChunk(
                session="s", turn=1, revision=1, clause=index, clause_text="", first_sample=0,
                rate=16_000, pcm=bytes(32_000), clause_last=True, last=False,
            )
        )  # fmt: skip
    assert answer.ahead_ms == 2_000
    answer.heard(played(1, 8_000))
    assert answer.ahead_ms == 500
    answer.heard(played(0, 100))
    assert answer.ahead_ms == 500


def test_clauses_on_the_bus_are_passed_over() -> None:
    """After a death the first clause that is not whole is the next."""
    answer = Answer()
    answer.clauses.extend([clause(0), clause(1)])
    answer.sent(sound(sent_samples=0).ending())
    following = answer.next_clause()
    assert following is not None
    assert following.index == 1
    assert answer.next_clause() is None
