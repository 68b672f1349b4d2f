from __future__ import annotations

import os
from pathlib import Path

import pytest

from bus.frames import Closed, Forgotten, SummedUp
from bus.history import (
    FOLDER,
    MOST_EXCHANGES,
    Exchange,
    History,
    Told,
    fresh_start,
    read_history,
)
from tests.bus.bus_frames import candidate, final, played


def closed(turn: int = 1) -> Closed:
    return Closed(session="home", turn=turn, reason="answered")


def converse(history: History, turn: int, text: str = "what time is it") -> None:
    history.note(candidate("what dime", turn=turn))
    history.note(final(text, turn=turn))
    history.note(played(10, turn=turn))
    history.note(closed(turn))


def test_texts_of_a_closed_turn_are_kept(tmp_path: Path) -> None:
    """The final transcript, and the part of the answer that was heard."""
    converse(History(tmp_path), 1)
    assert read_history(tmp_path, "home").exchanges == (
        Exchange(turn=1, language="en", transcript="what time is it", heard="It is"),
    )


def test_what_was_never_heard_is_not_in_the_history(tmp_path: Path) -> None:
    """Nor what a guest said: prompts tell of neither, and sums count what prompts tell."""
    history = History(tmp_path, guests=("en",))
    history.note(final())
    history.note(closed())
    converse(history, 2)
    assert read_history(tmp_path, "home").exchanges == ()


def test_turns_without_words_leave_no_trace(tmp_path: Path) -> None:
    """A slammed door is no part of a conversation."""
    history = History(tmp_path)
    converse(history, 1, text=" ")
    history.note(closed(2))
    assert read_history(tmp_path, "home").exchanges == ()


def test_a_successor_of_the_hub_goes_on_writing(tmp_path: Path) -> None:
    """The history survives the hub."""
    converse(History(tmp_path), 1)
    converse(History(tmp_path), 2)
    assert [each.turn for each in read_history(tmp_path, "home").exchanges] == [1, 2]


def test_the_history_is_bounded(tmp_path: Path) -> None:
    """Old exchanges go, many at once: the file lies in memory."""
    history = History(tmp_path)
    firsts = []
    for turn in range(1, 2 * MOST_EXCHANGES + 1):
        converse(history, turn)
        told = read_history(tmp_path, "home").exchanges
        assert len(told) == min(turn, turn - told[0].turn + 1) <= MOST_EXCHANGES
        firsts.append(told[0].turn)
    assert sorted(set(firsts)) == [1, 34, 67]


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x91\x01"])
def test_a_damaged_history_is_none(tmp_path: Path, content: bytes) -> None:
    """A conversation begins anew rather than not at all."""
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "home.msgpack").write_bytes(content)
    assert read_history(tmp_path, "home") == Told()
    converse(History(tmp_path), 3)
    assert [each.turn for each in read_history(tmp_path, "home").exchanges] == [3]


def test_a_full_disk_is_said_once(tmp_path: Path, said: pytest.CaptureFixture[str]) -> None:
    """The turns go on; the complaint holds no word of what was said."""
    (tmp_path / "history").touch()
    history = History(tmp_path)
    converse(history, 1)
    converse(history, 2)
    lines = said.readouterr().err
    assert lines.count("history not written") == 1
    assert "what time" not in lines


def test_words_that_want_no_answer_leave_no_trace(tmp_path: Path) -> None:
    """Whoever said "mm-hm" asked for nothing."""
    history = History(tmp_path)
    history.note(final("mm-hm"))
    history.note(Closed(session="home", turn=1, reason="no_answer"))
    assert read_history(tmp_path, "home") == Told()


def test_what_is_summed_up_is_not_kept_in_words(tmp_path: Path) -> None:
    """The last exchanges stay; a successor of the hub goes on from there."""
    history = History(tmp_path)
    for turn in range(1, 5):
        converse(history, turn)
    history.note(SummedUp(session="home", turn=5, text="They asked the time.", kept=2))
    converse(History(tmp_path), 5)
    told = read_history(tmp_path, "home")
    assert told.summary == "They asked the time."
    assert [each.turn for each in told.exchanges] == [3, 4, 5]


def test_what_is_forgotten_is_gone(tmp_path: Path) -> None:
    """With the turn in which it was asked for, and not with those that follow."""
    history = History(tmp_path)
    converse(history, 1)
    history.note(SummedUp(session="home", turn=2, text="They asked the time.", kept=0))
    history.note(Forgotten(session="home", turn=2))
    converse(history, 2, text="forget what I said")
    assert b"time" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*.*"))
    converse(history, 3)
    assert [each.turn for each in read_history(tmp_path, "home").exchanges] == [3]


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_turn_that_outlives_its_hub_is_kept(tmp_path: Path, *, is_forgotten: bool) -> None:
    """Its successor knows from the log what was said; what was forgotten stays so."""
    history = History(tmp_path)
    history.take_up([final("what time is it", turn=1), played(10, turn=1)])
    if is_forgotten:
        history.take_up([Forgotten(session="home", turn=1, revision=1)])
    history.note(closed())
    assert bool(read_history(tmp_path, "home").exchanges) is not is_forgotten


def test_a_fresh_start_keeps_the_words_and_their_age(tmp_path: Path) -> None:
    """Turns are counted anew; the file is whole at every moment."""
    converse(History(tmp_path), 5)
    (path,) = (tmp_path / FOLDER).iterdir()
    os.utime(path, ns=(10**18, 10**18))
    fresh_start(path)
    (exchange,) = read_history(tmp_path, "home").exchanges
    assert (exchange.turn, path.stat().st_mtime_ns) == (0, 10**18)
    assert list(path.parent.iterdir()) == [path]
