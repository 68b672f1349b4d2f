"""Recordings in, what hypotheses of unfinished utterances are worth and cost out.

Sound is fed in chunks as capture sends it, its pauses left out, as fast as the stage takes it:
times of the sound are those of its clock, costs are measured.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Final

import numpy as np
from msgspec import Struct

from benchmarks.figures import Figures
from benchmarks.speech_clips import RATE, Clip, Window
from benchmarks.word_error_rate import normalise
from bus.frames import CHUNK_SAMPLES, AudioChunk, SpeechPaused, SpeechStarted, Transcript
from config.settings import Settings
from models.protocols import Float32Array, Hypothesis, Transcriber
from models.steps import finished
from stages.dictation import Dictation

LEAST_S: Final = 1.5
_NEAR_S: Final = {"2_s": (1.5, 2.5), "3_s": (2.5, 3.5), "5_s": (4.0, 6.0)}
_BURST_SAMPLES: Final = 2 * RATE
_PREROLL_SAMPLES: Final = 3 * RATE // 10
_LEVEL_SAMPLES: Final = RATE // 100


class Course(Struct, frozen=True, kw_only=True):
    """How one utterance was written down."""

    seconds: float
    partials: list[Transcript]
    candidate: Transcript
    first_words_ms: float | None
    """Sound from the first voiced sample to the first partial's end."""
    partials_cpu_s: float
    candidate_ms: float
    steps: int
    """Passes of the candidate."""


def course(engine: Transcriber, settings: Settings, samples: Float32Array) -> Course:
    """Dictate one utterance that begins with its first loud sound."""
    onset = first_loud(samples)
    first = max(0, onset - _PREROLL_SAMPLES)
    dictation = Dictation(
        lambda: engine, settings.encoder.partials, session="bench", turn=1, speculate=True
    )
    dictation.take(SpeechStarted(session="bench", turn=1, sample=onset))
    partials: list[Transcript] = []
    first_words_ms = None
    spent_s = 0.0
    end = first
    for chunk in _chunks(samples, first):
        dictation.take(chunk)
        end = chunk.first_sample + len(chunk.pcm) // 2
        began_s = time.process_time()
        while dictation.is_due:
            partial = dictation.step()
            if partial is not None:
                partials.append(partial)
                first_words_ms = first_words_ms or 1_000 * (end - onset) / RATE
        spent_s += time.process_time() - began_s
    paused = SpeechPaused(session="bench", turn=1, revision=1, sample=end, speech_end_sample=end)
    dictation.take(paused)
    began_s = time.monotonic()
    outputs = list(dictation.conclude())
    candidate_ms = 1_000 * (time.monotonic() - began_s)
    candidate = outputs[-1]
    if candidate is None:
        raise RuntimeError("a pause whose sound is there has no candidate")
    return Course(
        seconds=(end - first) / RATE,
        partials=partials,
        candidate=candidate,
        first_words_ms=first_words_ms,
        partials_cpu_s=spent_s,
        candidate_ms=candidate_ms,
        steps=len(outputs),
    )


def measure(
    engine: Transcriber, settings: Settings, clips: list[Clip], windows: list[Window]
) -> Figures:
    """Dictate clips, and bursts of noise."""
    rows = []
    different = []
    for clip in clips:
        samples = clip.samples()
        with_draft = course(engine, settings, samples)
        plain, plain_ms = _plain(engine, samples[max(0, first_loud(samples) - _PREROLL_SAMPLES) :])
        rows.append((clip, with_draft, plain_ms))
        if plain.text != with_draft.candidate.text:
            different.append(clip.path.name)
    return {
        "clips": len(rows),
        "candidates_that_differ_without_drafts": different,
        "candidate_ms": {name: _latency(rows, *bounds) for name, bounds in _NEAR_S.items()},
        "words": _words([(clip.language, found) for clip, found, _ in rows]),
        "first_words": _first_words([found for _, found, _ in rows]),
        "cpu_share": sum(found.partials_cpu_s for _, found, _ in rows)
        / sum(found.seconds for _, found, _ in rows),
        "noise": _noise(engine, settings, windows),
    }


def _latency(
    rows: list[tuple[Clip, Course, float]], least_s: float, most_s: float
) -> dict[str, float]:
    chosen = [row for row in rows if least_s <= row[1].seconds < most_s]
    if not chosen:
        return {"clips": 0}
    return {
        "clips": len(chosen),
        "with_draft": statistics.median(found.candidate_ms for _, found, _ in chosen),
        "without": statistics.median(plain_ms for _, _, plain_ms in chosen),
        "passes_with_draft": statistics.median(found.steps for _, found, _ in chosen),
    }


def _words(courses: list[tuple[str, Course]]) -> Figures:
    """Count words of candidates that were stable before, and stable words taken back."""
    words = stable = steps = back = 0
    for language, found in courses:
        texts = [*(each.text for each in found.partials), found.candidate.text]
        prefixes = ["", *(each.stable_prefix for each in found.partials)]
        for prefix, text in zip(prefixes, texts, strict=True):
            steps += bool(prefix)
            back += not text.startswith(prefix)
        total = len(normalise(found.candidate.text, language).split())
        words += total
        if found.candidate.text.startswith(prefixes[-1]):
            stable += min(total, len(normalise(prefixes[-1], language).split()))
    return {
        "stable_at_the_pause": stable / max(1, words),
        "unstable_words_median": statistics.median(_missing(*each) for each in courses),
        "stable_prefixes": steps,
        "taken_back": back / max(1, steps),
    }


def _missing(language: str, found: Course) -> int:
    """Return how many words of the candidate were not stable before."""
    prefix = found.partials[-1].stable_prefix if found.partials else ""
    if not found.candidate.text.startswith(prefix):
        prefix = ""
    counts = [len(normalise(text, language).split()) for text in (found.candidate.text, prefix)]
    return counts[0] - counts[1]


def _first_words(courses: list[Course]) -> Figures:
    times_ms = [each.first_words_ms for each in courses if each.first_words_ms is not None]
    return {
        "heard_before_the_pause": len(times_ms) / len(courses),
        "median_ms": statistics.median(times_ms),
        **{
            f"within_{most_ms}_ms": sum(each <= most_ms for each in times_ms) / len(courses)
            for most_ms in (500, 700, 900)
        },
    }


def _noise(engine: Transcriber, settings: Settings, windows: list[Window]) -> Figures:
    """Dictate the loudest 2 s of each window as if someone had begun to speak."""
    invented = []
    bursts = 0
    for window in windows:
        power = np.convolve(window.samples**2, np.ones(_BURST_SAMPLES), "valid")[::RATE]
        first = int(power.argmax()) * RATE
        found = course(engine, settings, window.samples[first : first + _BURST_SAMPLES])
        bursts += 1
        texts = [each.text for each in (*found.partials, found.candidate) if each.text]
        if texts:
            invented.append(f"{window.name}: {texts[0]}")
    return {
        "bursts": bursts,
        "without_words": 1 - len(invented) / max(1, bursts),
        "invented": invented,
    }


def first_loud(samples: Float32Array) -> int:
    """Return the first sample of the first 30 ms within 30 dB of the loudest, above the noise."""
    count = len(samples) // _LEVEL_SAMPLES
    power = (samples[: count * _LEVEL_SAMPLES].reshape(count, -1) ** 2).mean(axis=1)
    levels_db = 10 * np.log10(power + 1e-10)
    loud = levels_db >= max(levels_db.max() - 30, np.percentile(levels_db, 10) + 8)
    for place in range(count - 2):
        if loud[place : place + 3].all():
            return place * _LEVEL_SAMPLES
    return 0


def _chunks(samples: Float32Array, first: int) -> Iterator[AudioChunk]:
    pcm = (samples * 32_767).astype("<i2")
    for start in range(first, len(pcm), CHUNK_SAMPLES):
        piece = pcm[start : start + CHUNK_SAMPLES].tobytes()
        yield AudioChunk(session="bench", turn=1, first_sample=start, pcm=piece)


def _plain(engine: Transcriber, samples: Float32Array) -> tuple[Hypothesis, float]:
    """Return the same without a draft, from the same 16-bit samples, and how long it takes."""
    sound = (samples * 32_767).astype("<i2").astype(np.float32) / 32_768
    began_s = time.monotonic()
    hypothesis = finished(engine.transcribe(sound.astype(np.float32)))
    return hypothesis, 1_000 * (time.monotonic() - began_s)
