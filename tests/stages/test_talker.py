"""Clauses of guesses, wrong and right, through the real stage with a voice that needs no file."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from bus.frames import AnyFrame, Cancel, Clause, Done, Played, SpeechChunk
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
