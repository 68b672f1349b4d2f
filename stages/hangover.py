"""The end of a turn: how probable it is that the speaker is done in, how long to wait out."""

from __future__ import annotations

from config.stage_settings import Patience


def hangover_ms(probability: float, patience: Patience) -> int:
    """Return the silence, in ms, that ends a turn whose speaker is done with `probability`.

    Three lengths, nothing graded between them: pauses inside sentences last 300 to 900 ms, and
    whatever lies between `sure_ms` and the longest of them ends turns late and cuts in as well.
    """
    if probability >= patience.sure_probability:
        return patience.sure_ms
    if probability <= patience.hesitant_probability:
        return patience.hesitant_ms
    return patience.unsure_ms
