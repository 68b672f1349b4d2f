from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from bus.frames import AnyFrame, Clause, Done, Forgotten, Order, SummedUp
from config.settings import Settings
from stages.reading_ahead import ReadingAhead
from stages.thinker import Thinker
from tests.stages.thinking import (
    SESSION,
    Worker,
    after,
    cancelled,
    closed,
    paused,
    played,
    started,
    transcript,
)

QUESTION = "Can you tell me what I should eat for breakfast tomorrow morning?"
WORDS = QUESTION.split()


@pytest.fixture(scope="module")
def warm_settings(settings: Settings) -> Settings:
    """Return settings under which two roundings would soon be two answers."""
    changes = {"temperature": 0.8, "most_tokens": 24, "context_tokens": 640}
    return msgspec.structs.replace(
        settings, thinker=msgspec.structs.replace(settings.thinker, **changes)
    )


@pytest.fixture(scope="module")
def opened(warm_settings: Settings) -> Iterator[Thinker]:
    thinker = Thinker(warm_settings)
    thinker.open()
    yield thinker
    thinker.close()


@pytest.fixture
def worker(opened: Thinker) -> Worker:
    """Return a thinker that has spoken to nobody yet."""
    opened._sessions.clear()
    opened._ahead = ReadingAhead(opened._conversation)
    opened._opened.cache._line.cut_back(())
    return Worker(opened)


@pytest.fixture
def answer(worker: Worker) -> list[str]:
    """Return what is said to the question when nothing is done before its end is certain."""
    worker.give(transcript(QUESTION, "final"))
    clauses = worker.clauses()
    worker.give(closed())
    worker.sent.clear()
    worker.idle()
    assert len(clauses) > 1
    return clauses


@pytest.mark.parametrize("known", [1, 2])
def test_a_successor_goes_on_to_the_letter(worker: Worker, answer: list[str], known: int) -> None:
    """The clauses that its dead predecessor sent are not sent again, and those behind are its."""
    worker = Worker(worker.thinker)
    sent = [said(index, text) for index, text in enumerate(answer[:known])]
    worker.thinker.resume([transcript(QUESTION, "final")], sent)
    worker.idle()
    rest = [frame for frame in worker.sent if isinstance(frame, Clause)]
    assert [frame.text for frame in rest if frame.text] == answer[known:]
    assert rest[-1].last
    worker.give(closed())


def test_a_successor_that_would_say_something_else_goes_on_behind(worker: Worker) -> None:
    """What was said stays said; numbering goes on, and the answer has an end."""
    text = "In the morning the sea is cold,"
    worker.thinker.resume([transcript(QUESTION, "final")], [said(0, text)])
    worker.idle()
    clauses = [frame for frame in worker.sent if isinstance(frame, Clause)]
    assert [clause.index for clause in clauses] == list(range(1, len(clauses) + 1))
    assert [clause.last for clause in clauses] == [False] * (len(clauses) - 1) + [True]
    worker.give(closed())


def said(index: int, text: str) -> Clause:
    return Clause(
        session=SESSION, turn=1, revision=1, index=index, text=text, language="en", last=False
    )


def a_clause(sent: Sequence[AnyFrame], _steps: int) -> bool:
    return any(isinstance(frame, Clause) for frame in sent)


def two_frames(sent: Sequence[AnyFrame], _steps: int) -> bool:
    return len(sent) >= 2


def test_the_answer_is_the_same_with_and_without_speculation(
    worker: Worker, answer: list[str]
) -> None:
    """Whatever was heard before, in whatever steps, however often the user went on."""
    for seed in range(3):
        chance = random.Random(seed)  # noqa: S311 - any order will do
        revision = 1
        for count in range(2, len(WORDS)):
            heard = WORDS[:count]
            if chance.random() < 0.3:
                heard[-1] = "breaking"
            stable = " ".join(WORDS[: max(0, count - 2)])
            worker.give(transcript(" ".join(heard), "partial", revision=revision, stable=stable))
            worker.idle(chance.randrange(6))
            if chance.random() < 0.3:
                worker.give(paused(revision))
                limit = chance.randrange(1, 9)
                guess = " ".join(heard)
                worker.give(
                    transcript(guess, "candidate", revision=revision),
                    after(limit),
                )
                worker.give(cancelled(revision))
                revision += 1
        worker.give(transcript(QUESTION, "candidate", revision=revision))
        worker.give(transcript(QUESTION, "final", revision=revision))
        assert worker.clauses(revision) == answer
        worker.give(closed())
        worker.sent.clear()


def test_all_but_the_last_words_are_read_while_they_are_said(worker: Worker) -> None:
    """Head and stable words in idle time, four tokens a step; the last ones are left."""
    worker.idle()
    said = " ".join(WORDS[:-1])
    worker.give(transcript(said, "partial", stable=said))
    assert worker.idle() > 1
    worker.give(transcript(QUESTION, "candidate"), after(2))
    assert worker.thinker._opened.model.save().logits, "the first token can be drawn"


def test_a_pause_keeps_the_cores_free(worker: Worker) -> None:
    """Nothing is read while the candidate is made; the next partial goes on."""
    worker.idle()
    worker.give(transcript(" ".join(WORDS[:3]), "partial"))
    worker.idle()
    worker.give(transcript(" ".join(WORDS[:6]), "partial"))
    worker.give(paused())
    assert worker.idle() == 0
    worker.give(transcript(" ".join(WORDS[:6]), "candidate"), after(1))
    worker.give(cancelled())
    worker.give(transcript(QUESTION, "partial", revision=2))
    assert worker.idle() > 0


def test_the_same_words_again_go_on_with_the_answer(worker: Worker, answer: list[str]) -> None:
    """A new revision gets at once what was written for the old one, and the rest in its turn."""
    worker.give(transcript(QUESTION, "candidate"), a_clause)
    worker.give(cancelled())
    worker.give(transcript(QUESTION + " Or", "partial", revision=2))
    worker.idle()
    worker.give(transcript(QUESTION, "candidate", revision=2), two_frames)
    assert worker.steps == 0
    worker.give(cancelled(2))
    worker.give(transcript(QUESTION, "candidate", revision=3))
    assert worker.clauses(3) == answer
    worker.give(cancelled(3))
    worker.give(transcript(QUESTION, "candidate", revision=4))
    assert worker.steps == 0
    assert worker.clauses(4) == answer


def test_the_final_transcript_of_an_answered_candidate_asks_for_nothing(
    worker: Worker, answer: list[str]
) -> None:
    """The answer is on its way already."""
    worker.give(transcript(QUESTION, "candidate"))
    worker.give(transcript(QUESTION, "final"))
    assert worker.clauses() == answer


@pytest.mark.parametrize("state", ["candidate", "final"])
def test_a_successor_finishes_the_sentence(
    worker: Worker, warm_settings: Settings, answer: list[str], state: str
) -> None:
    """It goes on after the clauses that were sent, whether the end was certain or not."""
    worker.give(transcript(QUESTION, "candidate"), a_clause)
    successor = Worker(Thinker(warm_settings))
    successor.thinker._open = worker.thinker._open
    successor.thinker.resume([transcript(QUESTION, state)], worker.sent)
    successor.sent += worker.sent
    successor.idle()
    assert successor.clauses()[0] == answer[0]
    assert len(successor.clauses()) > 1


def test_a_successor_drops_what_was_superseded(worker: Worker, warm_settings: Settings) -> None:
    """Between two steps of an answer that nobody wants any more the next one gets in."""
    successor = Worker(Thinker(warm_settings))
    successor.thinker._open = worker.thinker._open
    successor.thinker.resume([transcript("What is", "candidate")], [])
    successor.idle(3)
    successor.give(cancelled())
    successor.idle()
    assert not successor.sent
    successor.give(transcript(QUESTION, "final", revision=2))
    assert successor.clauses(2)


def test_a_partial_of_an_answered_revision_is_forgotten(worker: Worker) -> None:
    """Once a turn is closed nothing of it is read."""
    worker.give(transcript(QUESTION, "partial"))
    worker.give(closed())
    assert worker.thinker._ahead.plan(worker.thinker._opened.prompts) is None


def test_what_was_heard_belongs_into_the_next_prompt(worker: Worker) -> None:
    """Words said during the answer wait for it; then history and words are read."""
    worker.give(transcript(QUESTION, "final"))
    worker.give(transcript("And then after that at", "partial", turn=2))
    assert worker.thinker._ahead.plan(worker.thinker._opened.prompts) is None
    worker.give(played("Eggs."))
    assert isinstance(worker.sent[-1], Done)
    worker.give(closed())
    worker.idle()
    tokens = worker.thinker._opened.model.save().tokens
    assert "Eggs." in _text(worker, tokens)
    assert _text(worker, tokens).endswith("And then after that")


def test_the_answer_is_read_while_it_is_heard(worker: Worker) -> None:
    """What was heard to its end costs nothing then; what was cut off is read as it was heard."""
    worker.idle()
    worker.give(transcript(QUESTION, "final"))
    assert worker.idle() > 0
    answer = " ".join(clause.text for clause in worker.sent if isinstance(clause, Clause))
    worker.give(played(answer))
    assert worker.idle() <= len(worker.thinker._settings.daemon.languages)
    worker.give(transcript(QUESTION, "final", turn=2))
    worker.idle()
    worker.give(played("Eggs.", turn=2))
    assert worker.idle() > 0


def test_who_speaks_has_the_model_to_themselves(worker: Worker) -> None:
    """What the next prompt may begin with in other languages is read when they have spoken."""
    worker.idle()
    worker.give(transcript(QUESTION, "final"))
    cache = worker.thinker._opened.cache
    left = [(cache.lacks_likeliest, cache.cold)]
    for frame in (started(turn=2), closed(turn=2)):
        worker.give(frame)
        assert worker.idle() > 0
        left.append((cache.lacks_likeliest, cache.cold))
    assert left == [(True, True), (False, True), (False, False)]


def test_words_of_a_wrong_guess_are_read_on(worker: Worker) -> None:
    """Until the next partial they are the best that is known of the prompt to come."""
    worker.idle()
    worker.give(started())
    worker.give(transcript(" ".join(WORDS[:8]), "candidate"), after(1))
    worker.give(cancelled())
    assert worker.idle() > 0


def _text(worker: Worker, tokens: Sequence[int]) -> str:
    model = worker.thinker._opened.model
    vocabulary = getattr(model, "vocabulary")  # noqa: B009 - not of every engine
    return b"".join(map(vocabulary.piece, tokens)).decode()


def test_many_short_exchanges_do_not_fill_the_context(worker: Worker) -> None:
    """What the template puts around them counts."""
    conversation = worker.thinker._conversation(SESSION)
    conversation.exchanges += [("Yes?", "No.")] * 60
    worker.thinker._want_heads(SESSION, "en")
    worker.idle()
    plan = worker.thinker._opened.prompts.whole(transcript(QUESTION, "final"), conversation)
    assert 320 < plan.length < 640 - 24, "and they are not all forgotten for it"


def test_a_question_that_fills_the_context_is_answered(worker: Worker, tmp_path: Path) -> None:
    """The history gives way, then the words."""
    del tmp_path
    worker.give(transcript("word " * 200, "final"))
    worker.give(played("Fine."))
    worker.give(transcript("word " * 200, "final", turn=2))
    assert worker.clauses(turn=2)
    worker.give(closed(2))
    worker.give(transcript("word " * 2000, "partial", turn=3))
    worker.idle()
    worker.give(transcript("word " * 2000, "final", turn=3))
    assert worker.clauses(turn=3)


def test_each_rung_is_cheaper(worker: Worker) -> None:
    """Short answers, then without the notes; and back."""
    opened = worker.thinker._opened
    seen = []
    for rung in (0, 1, 2, 0):
        worker.thinker.obey(Order(kind="degrade", rung=rung))
        seen.append((opened.answering.is_brief, opened.recollection.looks_up))
    assert seen == [(False, True), (True, True), (True, False), (False, True)]


def test_what_has_no_room_is_summed_up_in_quiet(worker: Worker) -> None:
    """The sum stands in the prompt, the log is told of it once, and it is left for a question."""
    conversation = worker.thinker._conversation(SESSION)
    conversation.exchanges += [(f"I have {count} cats.", "How nice!") for count in range(40)]
    worker.give(transcript("I like eggs.", "final"))
    worker.give(played("So do I."))
    worker.give(closed())
    worker.idle(30)
    worker.give(transcript(QUESTION, "candidate", turn=2), a_clause)
    worker.give(cancelled(turn=2))
    worker.idle()
    worker.give(closed(2))
    made = []
    for frame in (started(turn=3), closed(3)):
        worker.give(frame)
        worker.idle()
        made.append(bool(conversation.summary))
    assert made == [False, True], "there is no time for it while somebody speaks"
    assert 0 < len(conversation.exchanges) < 40
    worker.sent.clear()
    worker.give(transcript(QUESTION, "final", turn=4))
    told = [frame for frame in worker.sent if isinstance(frame, SummedUp)]
    assert [(each.text, each.kept) for each in told] == [
        (conversation.summary, len(conversation.exchanges))
    ]
    tokens = worker.thinker._opened.model.save().tokens
    assert conversation.summary in _text(worker, tokens)
    worker.give(closed(4))


@pytest.mark.parametrize("left", [2, 20])
def test_a_sum_is_the_same_whoever_speaks_while_it_is_made(worker: Worker, left: int) -> None:
    """What is read ahead of a question takes the model from its midst, and words may not follow."""
    conversation = worker.thinker._conversation(SESSION)
    cats = [(f"I have {count} cats.", "How nice!") for count in range(40)]
    worker.idle()
    conversation.exchanges[:] = cats
    conversation.sum_up("", 40)
    steps = 0
    while not conversation.summary:
        steps += worker.idle(1)
    undisturbed = conversation.summary
    worker.idle()
    conversation.exchanges[:] = cats
    conversation.sum_up("", 40)
    worker.idle(steps - left)
    assert not conversation.summary
    worker.give(transcript("Can you tell me", "partial"))
    worker.idle()
    worker.give(closed())
    worker.idle()
    assert conversation.summary == undisturbed


def test_what_was_said_meanwhile_is_not_taken_for_summed_up(worker: Worker) -> None:
    """The oldest exchanges may go while they are being summed up."""
    conversation = worker.thinker._conversation(SESSION)
    conversation.exchanges += [(f"I have {count} cats.", "How nice!") for count in range(64)]
    prompts, summing_up = worker.thinker._opened.prompts, worker.thinker._opened.summing_up
    assert not summing_up.step(conversation)
    beyond = len(prompts.beyond(conversation))
    worker.give(transcript("I like eggs.", "final"))
    worker.give(played("So do I."))
    assert conversation.dropped
    worker.give(closed())
    while not summing_up.step(conversation):
        pass
    assert conversation.dropped == max(beyond, 33)
    assert conversation.exchanges[-1] == ("I like eggs.", "So do I.")


def test_a_forgotten_conversation_leaves_nothing(worker: Worker) -> None:
    """In the prompt to come, in states, in what the hub keeps; it is done when it is certain."""
    worker.give(transcript("My name is Wilhelmina.", "final"))
    worker.give(played("Hello Wilhelmina."))
    worker.give(closed())
    worker.idle()
    worker.sent.clear()
    worker.give(transcript("Forget our conversation.", "candidate", turn=2))
    assert not worker.sent
    worker.give(transcript("Forget our conversation.", "final", turn=2))
    assert isinstance(worker.sent[0], Forgotten)
    assert worker.clauses(turn=2) == ["I have forgotten what we talked about."]
    worker.give(played("I have forgotten what we talked about.", turn=2))
    worker.give(closed(2))
    worker.idle()
    cache = worker.thinker._opened.cache
    states = [worker.thinker._opened.model.save(), *(each.state for each in cache._recent)]
    assert not any("Wilhelmina" in _text(worker, state.tokens) for state in states)
    assert not worker.thinker._conversation(SESSION).exchanges
