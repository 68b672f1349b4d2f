"""Labelled recordings in, models/emotion/head.onnx and its scores out; the same each time.

`python -m benchmarks.emotion_train --data FOLDER` takes some minutes. It fits on
`emotion_emodb_de` and, as further neutral speech, on `lid_common_voice`, whose ten languages
leave out Spanish and English: those are what it is tried on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.emotion_clips import LABELLED, SPOILT, VARIANTS, Ear, clips, noises
from benchmarks.emotion_fit import Array, Labels, fit, shares, temper, write_head
from benchmarks.emotion_scores import by_speaker, confusion, recalls, spoken_of
from config.emotions import HEARD
from config.load import load_settings
from models.emotion.head import HEAD
from models.emotion.prosody import NUMBERS
from models.protocols import Float32Array
from models.store import open_store

READ = "lid_common_voice"


def main(argv: Sequence[str] | None = None) -> int:
    """Train, write and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--profile", default="offline", help="whose encoder the head is for")
    parser.add_argument("--head", type=Path, default=HEAD)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    arguments = parser.parse_args(argv)
    ear = Ear(load_settings(arguments.profile), open_store(), noises(arguments.data))
    labelled = clips(arguments.data / LABELLED)
    features = ear.features(labelled, VARIANTS)
    read = ear.features(clips(arguments.data / READ))[:, 0]
    labels = np.array([clip.label for clip in labelled], np.int64)
    speakers = np.array([clip.speaker for clip in labelled])
    logits = unseen_logits(features, labels, speakers, read)
    for name, part in (("clean", logits[:, :1]), ("spoilt", logits[:, 1:SPOILT])):
        found = part.argmax(axis=-1)
        print(f"{name}: {recalls(labels, found)}")
        print(f"  by speaker: {by_speaker(labels, found, speakers)}")
    print("rows are what was acted, columns what was heard, clean:", ", ".join(HEARD))
    print(confusion(labels, logits[:, 0].argmax(axis=-1)))
    repeated = np.repeat(labels, VARIANTS)
    factor = temper(logits.reshape(-1, len(HEARD)), repeated)
    print(f"sure enough to be spoken of, clean: {spoken_of(labels, shares(factor * logits[:, 0]))}")
    if arguments.dry:
        return 0
    final = fit(features.reshape(len(repeated), -1), repeated, read)
    write_head(final, factor, features.shape[-1] - NUMBERS, arguments.head)
    print(f"{arguments.head}: {arguments.head.stat().st_size:,} bytes, logits times {factor:.2f}")
    return 0


def unseen_logits(
    features: Float32Array, labels: Labels, speakers: np.ndarray, read: Float32Array
) -> Array:
    """Return the logits (clips, variants, classes) of fits that have not heard the speaker."""
    logits = np.zeros((*features.shape[:2], len(HEARD)))
    for speaker in np.unique(speakers):
        held = speakers == speaker
        known = features[~held].reshape(-1, features.shape[-1])
        found = fit(known, np.repeat(labels[~held], features.shape[1]), read)
        logits[held] = found.logits(features[held])
    return logits


if __name__ == "__main__":
    sys.exit(main())
