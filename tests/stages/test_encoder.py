from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile as sf  # type: ignore[import-untyped]

from bus.frames import (
    CHUNK_SAMPLES,
    AnyFrame,
    AudioChunk,
    Cancel,
    Closed,
    Done,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    Transcript,
)
from config.settings import Settings
from stages.encoder import Encoder

TURN: dict[str, Any] = {"session": "s", "turn": 1}


@pytest.fixture(scope="module")
def opened(settings: Settings) -> Encoder:
    """Return an encoder with the smallest recogniser loaded."""
    encoder = Encoder(settings)
    encoder.open()
    return encoder


@pytest.fixture
def encoder(opened: Encoder) -> Iterator[Encoder]:
    """Return the encoder; its turn is closed afterwards."""
    yield opened
    _all(opened, Closed(**TURN, reason="answered"))


@pytest.fixture(scope="module")
def chunks(recordings: Path) -> list[AudioChunk]:
    """Return the sound of a question of 5 s, behind some silence on the capture clock."""
    samples, _ = sf.read(recordings / "question_en.wav", dtype="int16")
    pieces = np.array_split(samples, range(CHUNK_SAMPLES, len(samples), CHUNK_SAMPLES))
    return [
        AudioChunk(**TURN, first_sample=1_600 + place * CHUNK_SAMPLES, pcm=piece.tobytes())
        for place, piece in enumerate(pieces)
    ]


def _all(encoder: Encoder, *frames: AnyFrame) -> list[AnyFrame]:
    return [out for frame in frames for out in encoder.handle(frame) if out is not None]


def _idle(encoder: Encoder) -> list[AnyFrame]:
    """Let the encoder do all it has to do."""
    made: list[AnyFrame] = []
    while encoder.due_ms() is not None:
        made += [out for out in encoder.idle() if out is not None]
    return made


def _spoken(encoder: Encoder, chunks: list[AudioChunk]) -> list[Transcript]:
    """Hear sound at the pace of speech; return the partials."""
    made: list[AnyFrame] = []
    for chunk in chunks:
        made += _all(encoder, chunk)
        made += _idle(encoder)
    assert all(isinstance(frame, Transcript) for frame in made)
    return [frame for frame in made if isinstance(frame, Transcript)]


def _started() -> SpeechStarted:
    return SpeechStarted(**TURN, sample=3_200)


def _paused(chunks: list[AudioChunk], revision: int) -> SpeechPaused:
    end = _end(chunks)
    return SpeechPaused(**TURN, revision=revision, sample=end, speech_end_sample=end)


def _ended(chunks: list[AudioChunk], revision: int) -> SpeechEnded:
    end = _end(chunks)
    return SpeechEnded(
        **TURN, revision=revision, sample=end, speech_end_sample=end, reason="silence"
    )


def _end(chunks: list[AudioChunk]) -> int:
    return chunks[-1].first_sample + len(chunks[-1].pcm) // 2


def _resumed(revision: int) -> SpeechResumed:
    return SpeechResumed(**TURN, revision=revision, sample=0)


def _transcript(frames: list[AnyFrame]) -> Transcript:
    (found,) = [frame for frame in frames if isinstance(frame, Transcript)]
    return found


def test_the_end_says_what_the_pause_said(encoder: Encoder, chunks: list[AudioChunk]) -> None:
    """The candidate's text is the final one's, and the turn is done."""
    _all(encoder, _started(), *chunks)
    candidate = _transcript(_all(encoder, _paused(chunks, 1)))
    assert candidate.state == "candidate"
    assert len(candidate.text.split()) > 3
    steps = list(encoder.handle(_ended(chunks, 1)))
    assert [type(frame) for frame in steps] == [Transcript, Done]
    final = _transcript([frame for frame in steps if frame is not None])
    assert (final.state, final.text, final.index) == ("final", candidate.text, 1)
    assert final.stable_prefix == final.text


def test_each_transcript_tells_what_it_is_about(encoder: Encoder, chunks: list[AudioChunk]) -> None:
    """Partials, candidate and final carry the latent of their text, of length one."""
    _all(encoder, _started())
    partials = _spoken(encoder, chunks)
    final = _transcript(_all(encoder, _ended(chunks, 1)))
    latents = [np.array(each.latent) for each in (*partials, final)]
    assert {latent.shape for latent in latents} == {(512,)}
    assert all(abs(np.linalg.norm(latent) - 1.0) < 1e-4 for latent in latents)
    assert latents[-1] @ latents[-2] > latents[-1] @ latents[0]


def test_partials_come_while_one_speaks(encoder: Encoder, chunks: list[AudioChunk]) -> None:
    """Each is the guess after the last one, and its stable words begin its text."""
    _all(encoder, _started())
    partials = _spoken(encoder, chunks)
    assert len(partials) >= 2
    assert {(each.state, each.revision) for each in partials} == {("partial", 1)}
    assert [each.index for each in partials] == list(range(len(partials)))
    assert all(each.text.startswith(each.stable_prefix) for each in partials)
    assert partials[-1].stable_prefix


def test_partials_change_no_word(encoder: Encoder, chunks: list[AudioChunk]) -> None:
    """The final text is the same with partials and candidates before it, and without."""
    middle = len(chunks) // 2
    _all(encoder, _started())
    _spoken(encoder, chunks[:middle])
    _all(encoder, _paused(chunks[:middle], 1), _resumed(1))
    _spoken(encoder, chunks[middle:])
    spoken = _transcript(_all(encoder, _paused(chunks, 2)))
    _all(encoder, Closed(**TURN, reason="answered"), _started(), *chunks)
    assert _transcript(_all(encoder, _paused(chunks, 2))).text == spoken.text


def test_without_speculation_only_the_end_is_written_down(
    settings: Settings, encoder: Encoder, chunks: list[AudioChunk]
) -> None:
    """It says what the pause would have said, though more sound has come since."""
    pause = chunks[: len(chunks) // 2]
    _all(encoder, _started(), *chunks)
    candidate = _transcript(_all(encoder, _paused(pause, 1)))
    daemon = msgspec.structs.replace(settings.daemon, speculate=False)
    quiet = Encoder(msgspec.structs.replace(settings, daemon=daemon))
    quiet.open()
    _all(quiet, _started())
    assert _spoken(quiet, chunks) == []
    assert _all(quiet, _paused(pause, 1)) == []
    final = _transcript(_all(quiet, _ended(chunks, 1)))
    assert (final.state, final.text) == ("final", candidate.text)


def test_a_pause_does_not_wait_for_a_partial(encoder: Encoder, chunks: list[AudioChunk]) -> None:
    """A partial that was begun is dropped: what comes next is the candidate."""
    _all(encoder, _started(), *chunks)
    assert encoder.due_ms() == 0.0
    assert list(encoder.idle()) == [None]
    assert _transcript(_all(encoder, _paused(chunks, 1))).state == "candidate"
    assert encoder.due_ms() is None


def test_a_broken_candidate_becomes_a_partial(encoder: Encoder, chunks: list[AudioChunk]) -> None:
    """When the speaker goes on at once, what was begun for the pause is not lost."""
    _all(encoder, _started(), *chunks)
    steps = encoder.handle(_paused(chunks, 1))
    assert next(steps) is None
    steps.close()  # type: ignore[attr-defined]
    cancel = Cancel(**TURN, revision=1, whole_turn=False, reason="superseded")
    assert _all(encoder, cancel, _resumed(1)) == []
    partial = _transcript(_idle(encoder))
    assert (partial.state, partial.revision) == ("partial", 2)


def test_sound_may_come_after_its_boundary(encoder: Encoder, chunks: list[AudioChunk]) -> None:
    """Control frames overtake sound: the pause waits for it."""
    _all(encoder, _started(), *chunks[:-5])
    assert _all(encoder, _paused(chunks, 1)) == []
    assert encoder.due_ms() is None
    assert _transcript(_all(encoder, *chunks[-5:])).state == "candidate"


def test_a_pause_that_is_over_waits_no_longer(encoder: Encoder, chunks: list[AudioChunk]) -> None:
    """After the cancellation of its revision, its sound is sound like any other."""
    _all(encoder, _started(), *chunks[:-5], _paused(chunks, 1))
    _all(encoder, Cancel(**TURN, revision=1, whole_turn=False, reason="superseded"))
    assert _all(encoder, *chunks[-5:]) == []
    assert {frame.revision for frame in _spoken(encoder, [])} <= {2}


def test_a_successor_does_not_write_twice(encoder: Encoder, chunks: list[AudioChunk]) -> None:
    """What the predecessor's candidate said is what the end says; numbering goes on."""
    inputs: list[AnyFrame] = [_started(), *chunks, _paused(chunks, 1), _ended(chunks, 1)]
    sent: list[AnyFrame] = [
        Transcript(**TURN, revision=1, index=0, text="So", language="en", state="partial"),
        Transcript(**TURN, revision=1, index=1, text="So it is.", language="en", state="candidate"),
    ]
    encoder.resume(inputs, sent)
    final, done = _idle(encoder)
    assert isinstance(final, Transcript)
    assert isinstance(done, Done)
    assert (final.state, final.text, final.index) == ("final", "So it is.", 2)


def test_a_successor_owes_only_its_done(encoder: Encoder, chunks: list[AudioChunk]) -> None:
    """After the predecessor's final transcript, nothing is written any more."""
    inputs: list[AnyFrame] = [_started(), *chunks, _paused(chunks, 1), _ended(chunks, 1)]
    final = Transcript(**TURN, revision=1, index=0, text="Yes.", language="en", state="final")
    encoder.resume(inputs, [final])
    assert [type(frame) for frame in _idle(encoder)] == [Done]


def test_a_cancelled_turn_is_forgotten(encoder: Encoder, chunks: list[AudioChunk]) -> None:
    """Its sound is dropped, and the hub is told."""
    _all(encoder, _started(), *chunks)
    cancel = Cancel(**TURN, revision=0, whole_turn=True, reason="barge_in")
    assert [type(frame) for frame in _all(encoder, cancel)] == [Done]
    assert encoder.due_ms() is None
