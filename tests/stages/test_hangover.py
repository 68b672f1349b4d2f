from __future__ import annotations

import pytest

from config.settings import Patience, Settings
from stages.hangover import hangover_ms

PATIENCE = Patience(sure_probability=0.8, sure_ms=300, unsure_probability=0.2, unsure_ms=900)


@pytest.mark.parametrize(
    ("probability", "expected_ms"),
    [(1.0, 300), (0.8, 300), (0.5, 600), (0.2, 900), (0.0, 900)],
)
def test_the_surer_the_shorter(probability: float, expected_ms: int) -> None:
    """Sure and unsure have a fixed silence each; half way in log-odds is half way in time."""
    assert hangover_ms(probability, PATIENCE) == expected_ms


def test_a_single_threshold_is_allowed() -> None:
    """Where sure begins at once where unsure ends, nothing is graded."""
    patience = Patience(sure_probability=0.5, sure_ms=300, unsure_probability=0.5, unsure_ms=900)
    assert hangover_ms(0.49, patience) == 900
    assert hangover_ms(0.5, patience) == 300


def test_styles_are_ordered(settings: Settings) -> None:
    """The patient style waits longest and the brisk one least, whatever the model says."""
    styles = settings.capture.endpointing.styles
    for percent in range(0, 101, 5):
        patient, normal, brisk = (
            hangover_ms(percent / 100, styles[style]) for style in ("patient", "normal", "brisk")
        )
        assert patient >= normal >= brisk
