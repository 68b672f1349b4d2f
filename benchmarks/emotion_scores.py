"""What was acted and what was heard in, scores for a table out. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.emotion_fit import Labels
from benchmarks.figures import Figures
from config.emotions import HEARD


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


def confusion(labels: Labels, found: Labels) -> NDArray[np.int64]:
    """Return how often class i (row) was heard as class j (column)."""
    counts = np.zeros((len(HEARD), len(HEARD)), np.int64)
    np.add.at(counts, (labels, found), 1)
    return counts
