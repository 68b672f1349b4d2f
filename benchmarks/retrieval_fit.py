"""Fit the centres of questions and notes to one half of the household set.

    python -m benchmarks.retrieval_fit

The other half is the one that `bench retrieval` reports on. Written is
models/notes/centres.json; stores are embedded anew after it has changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

import msgspec
import numpy as np

from benchmarks.household_set import held, read_notes, read_questions
from config.load import load_settings
from models.notes.centring import CENTRES_FILE, Centres
from models.sentence_encoder import SentenceEncoder, open_sentence_encoder

_DIGITS = 5


def _mean(encoder: SentenceEncoder, texts: Iterable[str]) -> list[float]:
    latents = np.stack([encoder.embed(text) for text in texts])
    return [round(float(each), _DIGITS) for each in latents.mean(axis=0)]


def main() -> int:
    """Fit and write; returns an exit code."""
    encoder = open_sentence_encoder(load_settings("default"))
    if encoder is None:
        sys.stderr.write("[memory] embedding names no model\n")
        return 2
    centres = Centres(
        questions=_mean(encoder, (q.text for q in read_questions() if q.note and not held(q.note))),
        passages=_mean(encoder, (note.text for note in read_notes() if not note.is_held)),
    )
    CENTRES_FILE.write_bytes(msgspec.json.encode({encoder.name: centres}) + b"\n")
    print(f"{CENTRES_FILE}: {encoder.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
