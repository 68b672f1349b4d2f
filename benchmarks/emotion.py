"""Recordings in, how well and how fast the shipped emotion head hears them out.

Labelled clips: recalls, and of the head's own ones those of speakers it has not heard
(`--unseen`, which fits it anew without each). Read speech in Spanish and English: how often it is
taken for more than neutral, and whether the vector betrays the language or the speaker.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.model_selection import cross_val_predict  # type: ignore[import-untyped]

from benchmarks import emotion_train
from benchmarks.emotion_clips import LABELLED, Ear, Labelled, clips
from benchmarks.emotion_scores import by_speaker, recalls
from benchmarks.figures import Figures, lines_of
from config.emotions import EMOTIONS, HEARD
from config.load import load_settings
from models.emotion.head import EmotionHead
from models.protocols import Float32Array
from models.store import open_store
from stages.emotion_words import feeling

READ_SETS: Final = ("es_common_voice", "en_common_voice", "en_home_commands")
LEAST_CLIPS: Final = 5
"""Of a speaker who can be told from others."""
PROMPT_SETS: Final = ("es_prompts_allison", "en_prompts_allison")
MOST_CLIPS: Final = 60
"""Of a set of read speech."""
TIMED_S: Final = 3
REPEATS: Final = 200


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="bench emotion", description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder of all sets")
    parser.add_argument("--labelled", type=Path, help="another set: a folder with a manifest")
    parser.add_argument("--unseen", action="store_true", help="only fit without each speaker")
    parser.add_argument("--profile", default="offline")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    if arguments.data is None or not arguments.data.is_dir():
        there = f"no recordings in {arguments.data}; " if arguments.data else ""
        sys.stderr.write(f"bench emotion: {there}name the folder of {LABELLED}/ with --data\n")
        return 2
    if arguments.unseen:
        options = ["--data", str(arguments.data), "--profile", arguments.profile, "--dry"]
        return emotion_train.main(options)
    ear = Ear(load_settings(arguments.profile), open_store(), [])
    head = EmotionHead()
    figures: Figures = {"milliseconds": _speed(ear, head, arguments.data)}
    labelled = clips(arguments.labelled or arguments.data / LABELLED)
    figures["labelled"] = _labelled(labelled, _heard(ear, head, labelled))
    read = {name: clips(arguments.data / name)[:MOST_CLIPS] for name in (*READ_SETS, *PROMPT_SETS)}
    vectors = {name: _heard(ear, head, some) for name, some in read.items()}
    figures["read"] = {name: _spread(vectors[name]) for name in vectors}
    figures["language"] = _told(
        np.vstack([vectors[name] for name in READ_SETS[:2]]),
        [clip.language for name in READ_SETS[:2] for clip in read[name]],
    )
    often = Counter(clip.speaker for name in READ_SETS[:2] for clip in read[name])
    of_some = [
        (vector, clip.speaker)
        for name in READ_SETS[:2]
        for vector, clip in zip(vectors[name], read[name], strict=True)
        if often[clip.speaker] >= LEAST_CLIPS
    ]
    figures["speaker"] = _told(
        np.stack([vector for vector, _ in of_some]), [who for _, who in of_some]
    )
    print(json.dumps(figures) if arguments.json else "\n".join(lines_of(figures)))
    return 0


def _heard(ear: Ear, head: EmotionHead, some: Sequence[Labelled]) -> Float32Array:
    """Return (clips, emotions); what is too short for the head counts as neutral."""
    nothing = (1.0, *[0.0] * (len(EMOTIONS) - 1))
    heard = [head.shares(ear.inputs(clip.samples())) or nothing for clip in some]
    return np.array(heard, np.float32)


def _labelled(some: Sequence[Labelled], vectors: Float32Array) -> Figures:
    """Return recalls; the head's own clips it has heard before, which says little."""
    labels = np.array([clip.label for clip in some], np.int64)
    found = vectors[:, : len(HEARD)].argmax(axis=1)
    speakers = np.array([clip.speaker for clip in some])
    acted = [feeling(vector) == HEARD[label] for vector, label in zip(vectors, labels, strict=True)]
    return {
        "recall": recalls(labels, found),
        "by speaker": by_speaker(labels, found, speakers),
        "spoken of rightly": float(
            np.mean([hit for hit, of in zip(acted, labels, strict=True) if of])
        ),
    }


def _spread(vectors: Float32Array) -> Figures:
    """Return of read clips what they are taken for, and how many would be spoken of."""
    found = vectors.argmax(axis=1)
    counts = {name: int(np.sum(found == kind)) for kind, name in enumerate(HEARD)}
    return {
        "clips": len(found),
        **counts,
        "spoken of": sum(bool(feeling(each)) for each in vectors),
    }


def _told(vectors: Float32Array, names: Sequence[str]) -> Figures:
    """Return how well a name can be told from the vector, and how often each is neutral.

    Told by a logistic regression of equally frequent names, in five folds.
    """
    shares = vectors[:, : len(HEARD)]
    labels = np.array(names)
    chosen = cross_val_predict(LogisticRegression(class_weight="balanced"), shares, labels, cv=5)
    kinds = np.unique(labels)
    right = [float(np.mean(chosen[labels == kind] == kind)) for kind in kinds]
    neutral = shares.argmax(axis=1) == 0
    return {
        "told": float(np.mean(right)),
        "by chance": 1 / len(kinds),
        **{f"{kind} neutral": float(np.mean(neutral[labels == kind])) for kind in kinds},
        "spoken of": sum(bool(feeling(each)) for each in vectors),
        "clips": len(vectors),
    }


def _speed(ear: Ear, head: EmotionHead, data: Path) -> Figures:
    """Return what the head takes on top of the encoder for TIMED_S seconds of speech."""
    some = clips(data / "es_common_voice")
    samples = max((clip.samples() for clip in some), key=len)[: TIMED_S * 16_000]
    heard = ear.listen(samples)
    times_ms, worked_ms = [], []
    for _ in range(REPEATS):
        began_s, worked_s = time.perf_counter(), time.thread_time()
        head.hear(samples, heard.mel, heard.middle)
        times_ms.append(1_000 * (time.perf_counter() - began_s))
        worked_ms.append(1_000 * (time.thread_time() - worked_s))
    return {
        "median": statistics.median(times_ms),
        "least": min(times_ms),
        "of a core, median": statistics.median(worked_ms),
        "of a core, p95": float(np.percentile(worked_ms, 95)),
    }


if __name__ == "__main__":
    sys.exit(main())
