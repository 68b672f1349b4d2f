"""The end of a turn: how probable it is that the speaker is done in, how long to wait out."""

from __future__ import annotations

import math
from typing import Final

from config.settings import Patience

_CERTAIN: Final = 1e-6
"""Nearer to 0 and 1 than this, probabilities are alike."""


def hangover_ms(probability: float, patience: Patience) -> int:
    """Return the silence, in ms, that ends a turn whose speaker is done with `probability`.

    From `sure_probability` on it is `sure_ms`, up to `unsure_probability` it is `unsure_ms`, and
    in between it is graded, evenly in log-odds: there a model's scores are evenly spread.
    """
    sure, unsure = _log_odds(patience.sure_probability), _log_odds(patience.unsure_probability)
    if sure <= unsure:
        share = float(probability >= patience.sure_probability)
    else:
        share = min(1.0, max(0.0, (_log_odds(probability) - unsure) / (sure - unsure)))
    return round(patience.unsure_ms - share * (patience.unsure_ms - patience.sure_ms))


def _log_odds(probability: float) -> float:
    bounded = min(1 - _CERTAIN, max(_CERTAIN, probability))
    return math.log(bounded / (1 - bounded))
