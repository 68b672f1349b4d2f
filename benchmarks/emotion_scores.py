"""What was acted and what was heard in, scores for a table out. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.emotion_fit import Labels
from benchmarks.figures import Figures
from config.emotions import HEARD, NEUTRAL
from stages.emotion_words import feeling


def recalls(labels: Labels, found: Labels) -> Figures:
    """Return the unweighted average recall over the classes, and each class's recall.

    labels: (clips,). found: (clips, ...), as many answers to a clip as there are.
    """
    right = found == labels.reshape(-1, *[1] * (found.ndim - 1))
    each = {
        name: round(float(right[labels == kind].mean()), 3)
        for kind, name in enumerate(HEARD)
        if np.any(labels == kind)
    }
    return {"average": round(float(np.mean(list(each.values()))), 3), **each}


def by_speaker(labels: Labels, found: Labels, speakers: NDArray[np.str_]) -> Figures:
    """Return each speaker's unweighted average recall, over the classes that speaker acted."""
    return {
        str(name): recalls(labels[speakers == name], found[speakers == name])["average"]
        for name in np.unique(speakers)
    }


def spoken_of(labels: Labels, vectors: NDArray[np.float64]) -> Figures:
    """Return how much of what was acted is sure enough to be put into words, and how rightly.

    vectors: (clips, classes), the shares.
    """
    said = [feeling(tuple(vector)) for vector in vectors]
    acted = [HEARD[label] for label in labels]
    moved = [at for at, name in enumerate(acted) if name != NEUTRAL]
    return {
        "of emotions, rightly": sum(said[at] == acted[at] for at in moved) / len(moved),
        "of emotions, as another": sum(said[at] not in ("", acted[at]) for at in moved)
        / len(moved),
        "of neutral": sum(
            bool(word) for word, name in zip(said, acted, strict=True) if name == NEUTRAL
        )
        / max(1, len(acted) - len(moved)),
    }


def confusion(labels: Labels, found: Labels) -> NDArray[np.int64]:
    """Return how often class i (row) was heard as class j (column)."""
    counts = np.zeros((len(HEARD), len(HEARD)), np.int64)
    np.add.at(counts, (labels, found), 1)
    return counts
