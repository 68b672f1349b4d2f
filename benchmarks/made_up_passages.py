"""A seed and a count in, made-up passages with made-up vectors out: to fill a store with.

Their words are those of the household's notes, frequent ones often, among words that nobody
knows; their vectors point anywhere. Neither changes how long a search takes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from benchmarks.household_set import read_notes
from models.protocols import Float32Array
from models.sentence_encoder import DIMENSIONS

_WORDS: Final = 60
_NEW_SHARE: Final = 0.25
_SYLLABLES: Final = "ba ce di fo gu la me ni po ru sa te vi zo bra cle dri flo gru tre sto"


def made_up(seed: int, count: int) -> Iterator[tuple[str, str, Float32Array]]:
    """Yield text, language and vector, float32 of length one, of each passage; all differ."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    numbers = np.random.default_rng(seed)
    notes = read_notes()
    words = {
        language: re.findall(r"\w+", " ".join(n.text for n in notes if n.lang == language))
        for language in ("es", "en")
    }
    for at in range(count):
        language = "es" if at % 2 else "en"
        text = " ".join(
            _new_word(draw) if draw.random() < _NEW_SHARE else draw.choice(words[language])
            for _ in range(_WORDS)
        )
        vector = numbers.standard_normal(DIMENSIONS).astype(np.float32)
        yield f"{text} {at}", language, vector / np.linalg.norm(vector)


def _new_word(draw: random.Random) -> str:
    return "".join(draw.choices(_SYLLABLES.split(), k=draw.randint(2, 4)))
