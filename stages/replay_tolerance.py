"""What was recorded and what another machine made of it in; how alike they are out. Pure.

Another processor, or another number of threads, rounds otherwise in the last digit. So texts are
compared by their words and sound by its samples' distance, each over the whole recording.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stages.replay_comparison import Part

MOST_WRONG: Final = {"transcript": 0.05, "clause": 0.5}
"""Word error rates that pass. Answers: where a draw falls on the other side of an edge the rest of
an answer is another one, and one word in two leaves room for that; see docs/decisions.md."""

LEAST_SNR_DB: Final = 20.0
"""Of sound: far above what is heard, and 20 dB below what roundings make."""

_WORD: Final = re.compile(r"[\w']+")


def word_errors(wanted: str, found: str) -> tuple[int, int]:
    """Return how many words are wrong, missing or too many, and how many were wanted.

    Levenshtein's distance over words, case and punctuation left out.
    """
    # Of its own: difflib finds long equal runs, not the fewest errors, and jiwer is for benches.
    ours, theirs = (_WORD.findall(text.lower()) for text in (wanted, found))
    row = list(range(len(theirs) + 1))
    for count, word in enumerate(ours, 1):
        before, row = row, [count]
        for at, other in enumerate(theirs):
            row.append(min(before[at] + (word != other), before[at + 1] + 1, row[at] + 1))
    return row[-1], len(ours)


def noise(wanted: bytes, found: bytes) -> tuple[float, float]:
    """Return the energy of `wanted`, int16, and of its difference from `found`.

    What was recorded may be a beginning only; what is missing from `found` counts as silence.
    """
    ours = np.frombuffer(wanted, "<i2").astype(np.float64)
    theirs = np.zeros_like(ours)
    heard = np.frombuffer(found, "<i2")[: len(ours)]
    theirs[: len(heard)] = heard
    return float(ours @ ours), float((ours - theirs) @ (ours - theirs))


def judged(pairs: Iterable[tuple[str, Part, Part | None]]) -> tuple[list[str], bool]:
    """Return a line for each kind of part, and whether all are alike enough.

    pairs: name, what was recorded, what was made; parts of other kinds must be equal.
    """
    words = {kind: [0, 0] for kind in MOST_WRONG}
    energy = [0.0, 0.0]
    others = [0, 0]
    for name, wanted, found in pairs:
        kind = next((kind for kind in MOST_WRONG if name.startswith(kind)), "")
        if kind and isinstance(wanted, str):
            counts = word_errors(wanted, found if isinstance(found, str) else "")
            words[kind] = [a + b for a, b in zip(words[kind], counts, strict=True)]
        elif name.startswith("sound") and isinstance(wanted, bytes):
            counts_db = noise(wanted, found if isinstance(found, bytes) else b"")
            energy = [a + b for a, b in zip(energy, counts_db, strict=True)]
        else:
            others = [others[0] + (wanted != found), others[1] + 1]
    return _lines(words, energy, others)


def _lines(
    words: dict[str, list[int]], energy: list[float], others: list[int]
) -> tuple[list[str], bool]:
    lines, passed = [], True
    for kind, (wrong, wanted) in words.items():
        if wanted:
            share = wrong / wanted
            passed &= share <= MOST_WRONG[kind]
            lines.append(
                f"{kind}s: {share:.1%} of {wanted} words differ, {MOST_WRONG[kind]:.0%} may"
            )
    if energy[0]:
        ratio_db = math.inf if not energy[1] else 10 * math.log10(energy[0] / energy[1])
        passed &= ratio_db >= LEAST_SNR_DB
        lines.append(f"sound: {ratio_db:.0f} dB above its difference, at least {LEAST_SNR_DB:.0f}")
    if others[1]:
        passed &= not others[0]
        lines.append(f"other parts: {others[0]} of {others[1]} differ, none may")
    return lines, passed
