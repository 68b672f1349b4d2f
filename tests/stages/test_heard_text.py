from bus.frames import SpeechChunk
from stages.heard_text import HeardText


def chunk(
    clause: int, text: str, first: int, samples: int, *, end: bool = False, last: bool = False
) -> SpeechChunk:
    return SpeechChunk(
        session="s", turn=1, revision=1, clause=clause, clause_text=text, first_sample=first,
        rate=8_000, pcm=bytes(2 * samples), clause_last=end, last=last,
    )  # fmt: skip


def answer() -> HeardText:
    text = HeardText()
    text.feed(chunk(0, "one two three four", 0, 4_000))
    text.feed(chunk(0, "one two three four", 4_000, 4_000))
    text.feed(chunk(0, "one two three four", 8_000, 0, end=True))
    text.feed(chunk(1, "five six", 0, 2_000, end=True, last=True))
    return text


def test_nothing_heard_is_no_text() -> None:
    """Before the first sample no word was heard."""
    assert answer().at(0).text == ""


def test_half_a_clause_is_half_its_words() -> None:
    """A clause of one second stopped after half of it."""
    position = answer().at(8_000)
    assert position.text == "one two"
    assert (position.clause, position.samples, position.rate) == (0, 4_000, 8_000)


def test_a_whole_clause_and_a_part_of_the_next() -> None:
    """Clauses are heard one after the other."""
    position = answer().at(16_000 + 2_000)
    assert position.text == "one two three four five"
    assert (position.clause, position.samples) == (1, 1_000)


def test_all_was_heard() -> None:
    """The whole answer, to the sample or a rounding less."""
    text = answer()
    assert text.complete
    assert text.at(20_000).text == "one two three four five six"
    assert text.at(19_993).text == "one two three four five six"


def test_an_answer_without_its_last_chunk_is_not_complete() -> None:
    """More may come."""
    text = HeardText()
    text.feed(chunk(0, "one", 0, 100, end=True))
    assert not text.complete
