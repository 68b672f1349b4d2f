from __future__ import annotations

import pytest

from config.settings import Settings
from config.stage_settings import Patience
from stages.hangover import hangover_ms

PATIENCE = Patience(
    sure_probability=0.8,
    sure_ms=300,
    unsure_ms=900,
    hesitant_probability=0.2,
    hesitant_ms=1_200,
)


@pytest.mark.parametrize(
    ("probability", "expected_ms"),
    [(1.0, 300), (0.8, 300), (0.79, 900), (0.21, 900), (0.2, 1_200), (0.0, 1_200)],
)
def test_the_surer_the_shorter(probability: float, expected_ms: int) -> None:
    """Sure, unsure and hesitant speakers are waited for, each for a time of their own."""
    assert hangover_ms(probability, PATIENCE) == expected_ms


def test_styles_are_ordered(settings: Settings) -> None:
    """The patient style waits longest and the brisk one least, whatever the model says."""
    styles = settings.capture.endpointing.styles
    for percent in range(0, 101, 5):
        patient, normal, brisk = (
            hangover_ms(percent / 100, styles[style]) for style in ("patient", "normal", "brisk")
        )
        assert patient >= normal >= brisk
