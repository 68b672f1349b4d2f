"""Frames of one turn: a few numbers in, whole frames out."""

from __future__ import annotations

from bus.frames import (
    AudioChunk,
    Clause,
    Done,
    Played,
    SpeechChunk,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    StageName,
    Transcript,
)

SESSION = "home"
PCM = bytes(640)


def started(turn: int = 1) -> SpeechStarted:
    return SpeechStarted(session=SESSION, turn=turn, sample=4_800)


def audio(first_sample: int, turn: int = 1) -> AudioChunk:
    return AudioChunk(session=SESSION, turn=turn, first_sample=first_sample, pcm=PCM)


def paused(revision: int = 1, turn: int = 1) -> SpeechPaused:
    return SpeechPaused(
        session=SESSION, turn=turn, revision=revision, sample=16_000, speech_end_sample=12_800
    )


def resumed(revision: int = 1, turn: int = 1) -> SpeechResumed:
    return SpeechResumed(session=SESSION, turn=turn, revision=revision, sample=17_000)


def ended(revision: int = 1, turn: int = 1) -> SpeechEnded:
    return SpeechEnded(
        session=SESSION,
        turn=turn,
        revision=revision,
        sample=24_000,
        speech_end_sample=12_800,
        reason="silence",
    )


def candidate(text: str = "what time is it", revision: int = 1, turn: int = 1) -> Transcript:
    return Transcript(
        session=SESSION,
        turn=turn,
        revision=revision,
        index=revision,
        text=text,
        language="en",
        state="candidate",
    )


def partial(text: str, revision: int = 1, turn: int = 1, index: int = 50) -> Transcript:
    return Transcript(
        session=SESSION,
        turn=turn,
        revision=revision,
        index=index,
        text=text,
        language="en",
        state="partial",
    )


def final(
    text: str = "what time is it", revision: int = 1, turn: int = 1, language: str = "en"
) -> Transcript:
    return Transcript(
        session=SESSION,
        turn=turn,
        revision=revision,
        index=100,
        text=text,
        language=language,
        state="final",
    )


def clause(index: int = 0, revision: int = 1, turn: int = 1) -> Clause:
    return Clause(
        session=SESSION,
        turn=turn,
        revision=revision,
        index=index,
        text="It is noon.",
        language="en",
        last=True,
    )


def speech(first_sample: int = 0, revision: int = 1, turn: int = 1) -> SpeechChunk:
    return SpeechChunk(
        session=SESSION,
        turn=turn,
        revision=revision,
        clause=0,
        clause_text="It is noon.",
        first_sample=first_sample,
        rate=22_050,
        pcm=PCM,
        clause_last=False,
        last=False,
    )


def played(samples: int, revision: int = 1, turn: int = 1, *, last: bool = False) -> Played:
    return Played(
        session=SESSION,
        turn=turn,
        revision=revision,
        clause=0,
        samples=samples,
        rate=22_050,
        text="It is",
        clock_sample=30_000 + samples,
        first_clock_sample=30_000,
        last=last,
    )


def done(stage: StageName, revision: int = 1, turn: int = 1) -> Done:
    return Done(session=SESSION, turn=turn, revision=revision, stage=stage)
