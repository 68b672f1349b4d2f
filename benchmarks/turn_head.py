"""Recordings in, the head of `models.smart_turn` out: where sentences end, and where they do not.

Positive: the end of a recording's last word, with 120 to 260 ms of silence behind it. Negative:
the same in the gaps between its words. The silence is the room's tone in both, so that it tells
nothing. Half of the examples are changed: their beginning cut off, faster or slower, in noise.
Printed: how many ends are found where 5, 10 and 20 % of the gaps are taken for ends, each speaker
judged by a head that was fitted on others.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from benchmarks.pauses import gaps, tone
from benchmarks.scenes import Sound, read, rows, words
from bus.frames import SAMPLE_RATE
from models.protocols import Float32Array
from models.smart_turn import HEAD_FILE, WIDTH, Head, SmartTurn, prepare_smart_turn
from models.store import open_store
from stages.resampling import to_int16

SETS: Final = (
    "es_common_voice",
    "es_prompts_allison",
    "es_read_misc",
    "en_common_voice",
    "en_prompts_allison",
    "en_read_misc",
    "en_fleurs",
    "en_home_commands",
    "lid_common_voice",
)
PENALTY: Final = 1_000.0
"""Weight of the squared weights, chosen by the printed figures."""

_SHORTEST_S, _LONGEST_S = 1.0, 16.0
_FOLDS: Final = 10
_STEPS: Final = 12
_PREROLL_SAMPLES: Final = 300 * SAMPLE_RATE // 1000
_MOST_GAPS: Final = 4
_FADE: Final = np.linspace(0, 1, 160)


class Example(Struct, frozen=True):
    """One place where a speaker may be done."""

    speaker: str
    is_end: bool
    plain: bool
    """Not changed: figures are of these."""
    summary: Float32Array


def main(argv: Sequence[str] | None = None) -> int:
    """Fit, write and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="bench turn_head", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--half", type=int, choices=(0, 1), help="of the speakers, by a hash")
    parser.add_argument("--out", type=Path, default=HEAD_FILE)
    arguments = parser.parse_args(argv)
    if not arguments.data.is_dir():
        sys.stderr.write(f"no recordings in {arguments.data}; name them with --data\n")
        return 2
    folder = prepare_smart_turn("smart-turn-v3.2", open_store())
    model = SmartTurn(folder, Head(bias=0.0, weights=[0.0] * 3 * WIDTH))
    examples = [
        example
        for name in SETS
        for row in rows(arguments.data / name)
        if _SHORTEST_S <= row["duration_s"] <= _LONGEST_S and arguments.half in (None, half_of(row))
        for example in _examples(model, arguments.data / name, row)
    ]
    sys.stdout.write(_figures(examples))
    arguments.out.write_bytes(msgspec.json.encode(fit(examples)) + b"\n")
    return 0


def half_of(row: dict[str, Any]) -> int:
    """Return 0 or 1: the half of all recordings that one belongs to, a speaker in one only."""
    return hashlib.sha256(speaker_of(row).encode()).digest()[0] % 2


def speaker_of(row: dict[str, Any]) -> str:
    """Return who speaks; of voices with very many recordings, each counts by itself."""
    speaker = str(row["speaker"])
    return str(row["file"]) if speaker.startswith(("allison", "s2i", "openww")) else speaker


def fit(examples: Sequence[Example]) -> Head:
    """Return the logistic regression with squared penalty; both classes weigh the same."""
    found = np.stack([each.summary for each in examples]).astype(np.float64)
    mean, deviation = found.mean(axis=0), found.std(axis=0) + 1e-3
    inputs = np.column_stack([(found - mean) / deviation, np.ones(len(found))])
    is_end = np.array([each.is_end for each in examples], np.float64)
    share = is_end.mean()
    importance = np.where(is_end > 0, 0.5 / share, 0.5 / (1 - share))
    penalty = np.full(inputs.shape[1], PENALTY)
    penalty[-1] = 0.0
    weights = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):  # Newton's
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (importance * (chance - is_end)) + penalty * weights
        curve = (inputs.T * (importance * chance * (1 - chance))) @ inputs + np.diag(penalty)
        weights -= np.linalg.solve(curve, slope)
    scaled = weights[:-1] / deviation
    bias = float(weights[-1] - scaled @ mean)
    return Head(bias=round(bias, 6), weights=[round(float(each), 6) for each in scaled])


def _examples(model: SmartTurn, folder: Path, row: dict[str, Any]) -> Iterator[Example]:
    clip = read(folder / row["file"])
    draw = np.random.default_rng(zlib.crc32(row["file"].encode()))
    first, end = words(clip)
    begun = np.concatenate([tone(clip, _PREROLL_SAMPLES, draw), clip[:first]])[-_PREROLL_SAMPLES:]
    places = gaps(clip)
    chosen = [places[at] for at in draw.permutation(len(places))[:_MOST_GAPS]]
    for at, stop, is_end in [
        *((a, (a + b) // 2, False) for a, b in chosen),
        (end, len(clip), True),
    ]:
        decay = clip[at : min(stop, at + int(draw.integers(320, 1_280)))]
        speech = np.concatenate([begun, clip[first:at]])
        for plain in (True, False, False) if is_end else (True, False):
            silent = int(draw.integers(6, 14)) * 320
            sound = np.concatenate([speech, _silence(decay, tone(clip, silent, draw))])
            if not plain:
                sound = _changed(sound, silent, draw)
            summary = model.summary(to_int16(sound.astype(np.float32)), silent)
            yield Example(speaker_of(row), is_end, plain, summary)


def _silence(decay: Sound, room: Sound) -> Sound:
    """Return the room's tone behind what is left of the word, faded into each other."""
    if len(decay) < len(_FADE):
        return np.concatenate([decay, room])[: len(room)]
    blend = decay[-len(_FADE) :] * (1 - _FADE) + room[: len(_FADE)] * _FADE
    return np.concatenate([decay[: -len(_FADE)], blend, room[len(_FADE) :]])[: len(room)]


def _changed(sound: Sound, silent: int, draw: np.random.Generator) -> Sound:
    """Return the sound as another might be: begun later, faster or slower, in noise."""
    if draw.random() < 0.6:
        sound = sound[-int(draw.uniform(1.0, 3.5) * SAMPLE_RATE) - silent :]
    if draw.random() < 0.6:
        pace = float(draw.uniform(0.9, 1.1))
        sound = np.interp(np.arange(int(len(sound) / pace)) * pace, np.arange(len(sound)), sound)
    if draw.random() < 0.4:
        level = sound.std() * 10 ** (-draw.uniform(15, 35) / 20)
        sound = sound + level * draw.standard_normal(len(sound))
    return sound


def _figures(examples: Sequence[Example]) -> str:
    fold = np.array([zlib.crc32(each.speaker.encode()) % _FOLDS for each in examples])
    scores = np.zeros(len(examples))
    for one in range(_FOLDS):
        head = fit([each for each, its in zip(examples, fold, strict=True) if its != one])
        weights = np.array(head.weights)
        for at in np.flatnonzero(fold == one).tolist():
            scores[at] = weights @ examples[at].summary + head.bias
    plain = np.array([each.plain for each in examples])
    is_end = np.array([each.is_end for each in examples])
    return _found(scores[plain & is_end], scores[plain & ~is_end])


def _found(ends: NDArray[np.float64], inside: NDArray[np.float64]) -> str:
    row = f"{len(ends)} ends, {len(inside)} gaps; ends found:"
    for share in (0.05, 0.1, 0.2):
        found = float(np.mean(ends > np.quantile(inside, 1 - share)))
        row += f"  {found:.2f} at {share:.2f} of the gaps"
    return row + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
