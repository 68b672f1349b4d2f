"""Clauses of guesses, wrong and right, through the real stage with a voice that needs no file."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from bus.frames import AnyFrame, Cancel, Clause, Closed, Done, Played, SpeechChunk
from config.settings import Settings
from models.protocols import Int16Array
from stages.talker import Talker


@pytest.fixture
def talker(settings: Settings) -> Iterator[Talker]:
    stage = Talker(settings)
    yield stage
    stage.close()


def clause(
    revision: int, text: str = "Son las dos.", *, index: int = 0, emotion: str = "",
    last: bool = True,
) -> Clause:  # fmt: skip
    return Clause(
        session="s", turn=1, revision=revision, index=index, text=text, language="es",
        emotion=emotion, last=last,
    )  # fmt: skip


def cancel(revision: int) -> Cancel:
    return Cancel(session="s", turn=1, revision=revision, whole_turn=False, reason="superseded")


def say(stage: Talker, *frames: AnyFrame) -> list[AnyFrame]:
    return [out for frame in frames for out in stage.handle(frame) if out is not None]


def sound(said: list[AnyFrame]) -> Int16Array:
    chunks = [frame.pcm for frame in said if isinstance(frame, SpeechChunk)]
    return np.frombuffer(b"".join(chunks), "<i2")


def test_an_unconfirmed_guess_is_spoken(talker: Talker) -> None:
    """Playback holds it back; the talker owes nothing more for it."""
    said = say(talker, clause(1))
    assert len(sound(said)) > 10_000
    assert said[-1] == Done(session="s", turn=1, revision=1, stage="talker")


def test_the_same_words_under_another_revision_sound_the_same(talker: Talker) -> None:
    """Sent again to the last sample, with the new revision in its name."""
    first = say(talker, clause(1))
    again = say(talker, cancel(1), clause(2))
    assert np.array_equal(sound(first), sound(again))
    assert {frame.revision for frame in again if isinstance(frame, SpeechChunk)} == {2}


def test_a_guess_cut_off_in_the_middle_is_whole_the_next_time(talker: Talker) -> None:
    """The worker closes what it was doing; the other guess goes on with its sound."""
    whole = sound(say(talker, clause(1)))
    other = Talker(talker._settings)
    steps = other.handle(clause(1))
    assert any(isinstance(out, SpeechChunk) for out in steps)
    close = getattr(steps, "close", None)
    assert close is not None
    close()
    assert np.array_equal(sound(say(other, cancel(1), clause(2))), whole)


def test_a_sad_voice_is_answered_slower_softer_and_with_pauses(
    talker: Talker, settings: Settings
) -> None:
    """As [talker.emotions] says, to the sample the same each time; what is not there is usual."""
    delivery = settings.talker.emotions["sadness"]
    usual = sound(say(talker, clause(1)))
    sad = sound(say(talker, clause(2, emotion="sadness")))
    assert len(sad) == pytest.approx(len(usual) / delivery.pace, rel=0.03)
    loud = [float(np.abs(each.astype(np.int32)).max()) for each in (usual, sad)]
    assert loud[1] < 0.9 * loud[0]
    (chunk, *_) = (each for each in say(talker, clause(3)) if isinstance(each, SpeechChunk))
    followed = sound(say(talker, clause(4, emotion="sadness", last=False)))
    pause_samples = chunk.rate * delivery.pause_ms // 1000
    assert np.array_equal(followed[: len(sad)], sad)
    assert np.array_equal(followed[len(sad) :], np.zeros(pause_samples, np.int16))
    assert np.array_equal(sound(say(talker, clause(5, emotion="puzzlement"))), usual)


def test_a_successor_goes_on_in_the_same_tone(talker: Talker, settings: Settings) -> None:
    """What a dead worker sent of a clause is continued, slow and soft as it was."""
    said = say(talker, clause(1, emotion="sadness"))
    sent = [frame for frame in said if isinstance(frame, SpeechChunk)][:1]
    successor = Talker(settings)
    successor.resume([clause(1, emotion="sadness")], sent)
    rest = [out for out in successor.idle() if out is not None]
    assert np.array_equal(sound([*sent, *rest]), sound(said))


def test_an_answer_that_is_far_ahead_waits_for_the_ear(talker: Talker, settings: Settings) -> None:
    """Unheard guesses cost at most `ahead_ms` of synthesis, and a report lets it go on."""
    text = "Uno, dos, tres, cuatro, cinco, seis, siete, ocho, nueve, diez, once y doce."
    said = say(talker, clause(1, text), clause(1, text, index=1))
    (chunk, *_) = (frame for frame in said if isinstance(frame, SpeechChunk))
    ahead_ms = len(sound(said)) * 1000 / chunk.rate
    assert ahead_ms >= settings.talker.ahead_ms
    assert not any(isinstance(frame, Done) for frame in said)
    played = Played(
        session="s", turn=1, revision=1, clause=0, samples=len(sound(said)), rate=chunk.rate,
        text="", clock_sample=0, first_clock_sample=0, last=False,
    )  # fmt: skip
    assert len(sound(say(talker, played))) > 0


def closed() -> Closed:
    return Closed(session="s", turn=1, reason="answered")


def rested(stage: Talker) -> Talker:
    """Let it do what it wants in quiet."""
    while stage.due_ms() is not None:
        for _ in stage.idle():
            pass
    return stage


def test_short_phrases_sound_the_same_in_every_turn(talker: Talker) -> None:
    """Wherever they stand, and whether they were said before or not."""
    first = sound(say(talker, clause(1, "Claro,", index=0, last=False)))
    talker.close()
    other = Talker(talker._settings)
    say(other, clause(1, "Son las dos y media.", index=0, last=False))
    again = sound(say(other, clause(1, "Claro,", index=1)))
    assert np.array_equal(first, again)
    assert np.array_equal(first, sound(say(other, clause(2, "Claro,"))))


def test_phrases_are_made_in_quiet_and_then_at_once(talker: Talker) -> None:
    """Some behind each turn, nothing while one is answered; then they come without a step."""
    assert talker.due_ms() is None
    say(talker, clause(1))
    assert talker.due_ms() is None
    say(talker, closed())
    assert talker.due_ms() == 0
    rested(talker)
    assert 0 < len(talker._phrases._takes) < len(talker._settings.talker.phrases["es"])
    steps = list(talker.handle(clause(2, "Lo recordaré.")))
    assert None not in steps
    made = sound([step for step in steps if step is not None])
    assert len(made) > 4_000
    fresh = Talker(talker._settings)
    assert np.array_equal(sound(say(fresh, clause(2, "Lo recordaré."))), made)


@pytest.mark.parametrize("phrases_mb", [0.0, 0.1, 4.0])
def test_phrases_hold_no_more_than_they_may(settings: Settings, phrases_mb: float) -> None:
    """What does not fit is not made; what was said goes for it never."""
    talker_of = msgspec.structs.replace(settings.talker, phrases_mb=phrases_mb)
    stage = Talker(msgspec.structs.replace(settings, talker=talker_of))
    say(stage, clause(1, "Claro."))
    said = len(stage._phrases._takes)
    for _ in range(20):
        say(stage, closed())
        rested(stage)
    assert stage._phrases.is_complete
    assert said == 1
    assert ("es", "Claro.", 1.0) in stage._phrases._takes
    all_of_them = {text for texts in settings.talker.phrases.values() for text in texts}
    assert (len(stage._phrases._takes) >= len(all_of_them)) is (phrases_mb > 1)
    held_mb = sum(take.held_bytes for take in stage._phrases._takes.values()) / 1e6
    assert held_mb <= max(phrases_mb, 0.05)
