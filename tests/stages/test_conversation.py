from collections.abc import Sequence
from pathlib import Path

from bus.frames import Clause, Closed, Played, Transcript
from bus.history import MOST_EXCHANGES, Exchange, History, Told
from config.settings import Settings
from stages.conversation import Conversation
from stages.prompt import recent
from stages.thinker import Thinker


def final(turn: int) -> Transcript:
    return Transcript(
        session="s", turn=turn, revision=1, index=0, text=f"question {turn}", language="en",
        state="final",
    )  # fmt: skip


def played(turn: int, text: str) -> Played:
    return Played(
        session="s", turn=turn, revision=1, clause=0, samples=1, rate=16_000, text=text,
        clock_sample=1, first_clock_sample=0, last=True,
    )  # fmt: skip


def test_only_what_was_heard_is_remembered() -> None:
    """The heard part of an answer; nothing of one that was cancelled before its first word."""
    conversation = Conversation()
    for turn, heard in ((1, "It is"), (2, "")):
        conversation.begin(final(turn))
        conversation.heard(played(turn, heard))
    assert conversation.exchanges == [("question 1", "It is")]


def test_a_long_conversation_does_not_grow() -> None:
    """The oldest exchanges go, and no turn stays open."""
    conversation = Conversation()
    for turn in range(1, MOST_EXCHANGES + 10):
        conversation.begin(final(turn))
        conversation.heard(played(turn, "yes"))
        assert conversation.turn(turn) is None
        assert conversation.dropped + len(conversation.exchanges) == turn
    assert len(conversation.exchanges) < MOST_EXCHANGES
    assert conversation.exchanges[-1] == (f"question {MOST_EXCHANGES + 9}", "yes")


def test_prompts_of_a_long_conversation_begin_alike() -> None:
    """One that begins elsewhere is read anew: that is not for every turn, and it is foreseen."""
    conversation = Conversation()
    begins = []
    for turn in range(1, 4 * MOST_EXCHANGES):
        answered = conversation.begin(final(turn))
        answered.clauses.append(
            Clause(
                session="s", turn=turn, revision=1, index=0, text="yes", language="en", last=True
            )
        )
        presumed = conversation.presumed(_with_room, answered)
        conversation.heard(played(turn, "yes"))
        assert conversation.past(_with_room) == presumed
        begins.append(presumed.exchanges[0])
    assert len(set(begins)) < len(begins) / 8


def _with_room(exchanges: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    return recent(exchanges, lambda text: len(text.split()), 100)


def test_a_successor_remembers_the_conversation(settings: Settings, tmp_path: Path) -> None:
    """What the hub wrote down of closed turns is there again."""
    history = History(tmp_path)
    for frame in (final(1), played(1, "Noon."), Closed(session="s", turn=1, reason="answered")):
        history.note(frame)
    thinker = Thinker(settings, tmp_path)
    thinker.resume([final(2)], [])
    assert thinker._conversation("s").exchanges == [("question 1", "Noon.")]


def test_turns_that_another_thinker_had_are_remembered() -> None:
    """A session that comes from a dead thinker to one that lived on brings its history along."""
    told = [Told()]
    conversation = Conversation(lambda: told[0])
    first = Exchange(turn=1, language="en", transcript="question 1", heard="Noon.")
    told[0] = Told(exchanges=(first,))
    conversation.begin(final(2))
    assert conversation.exchanges == [("question 1", "Noon.")]
    conversation.heard(played(2, "Yes."))
    second = Exchange(turn=2, language="en", transcript="of another wording", heard="Yes.")
    told[0] = Told(exchanges=(second,))
    conversation.begin(final(3))
    assert conversation.exchanges == [("question 1", "Noon."), ("question 2", "Yes.")]
