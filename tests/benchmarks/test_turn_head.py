from __future__ import annotations

import numpy as np

from benchmarks.turn_head import Example, fit, half_of
from models.smart_turn import WIDTH


def test_the_fit_tells_ends_from_gaps() -> None:
    """Where some values are higher at ends, the score is too, of examples it has not seen."""
    draw = np.random.default_rng(0)

    def example(*, is_end: bool) -> Example:
        summary = draw.standard_normal(3 * WIDTH).astype(np.float32)
        summary[:200] += 2.0 if is_end else 0.0
        return Example("someone", is_end, plain=True, summary=summary)

    head = fit([example(is_end=bool(at % 2)) for at in range(200)])
    weights = np.array(head.weights)
    ends = [weights @ example(is_end=True).summary + head.bias for _ in range(20)]
    inside = [weights @ example(is_end=False).summary + head.bias for _ in range(20)]
    assert np.mean(np.array(ends)[:, None] > np.array(inside)) > 0.9


def test_a_speaker_is_in_one_half_only() -> None:
    """Two recordings of a person are fitted on, or reported on, together."""
    rows = [{"speaker": "cv_1", "file": f"{at}.flac"} for at in range(20)]
    assert len({half_of(row) for row in rows}) == 1
    rows = [{"speaker": "allison_smith", "file": f"{at}.flac"} for at in range(20)]
    assert {half_of(row) for row in rows} == {0, 1}
