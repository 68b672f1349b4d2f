from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.emotion_fit import fit, shares, temper, write_head
from config.emotions import EMOTIONS, HEARD
from models.emotion.features import PROSODY, SHARES, STATES
from models.onnx_session import Graph

WIDTH, SPOKEN = 6, 4


def _clips(draw: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return clips of seven kinds, each of which has its own place among the features."""
    labels = np.arange(count) % len(HEARD)
    places = 2.0 * np.eye(len(HEARD), WIDTH + SPOKEN)
    noise = draw.standard_normal((count, WIDTH + SPOKEN))
    return (places[labels] + 0.5 * noise).astype(np.float32), labels


def test_a_fit_tells_kinds_apart_and_not_microphones(tmp_path: Path) -> None:
    """What only other people's read speech differs in decides nothing; the graph says the same."""
    draw = np.random.default_rng(0)
    features, labels = _clips(draw, 210)
    read = (0.5 * draw.standard_normal((40, WIDTH + SPOKEN))).astype(np.float32)
    read[:, 0] += 2.0  # as neutral as the others
    read[:, -1] += 3.0  # another microphone
    found = fit(features, labels, read)
    unseen, wanted = _clips(draw, 70)
    assert np.mean(found.logits(unseen).argmax(axis=1) == wanted) > 0.9
    strange = unseen.copy()
    strange[:, -1] += 3.0
    assert np.mean(found.logits(strange).argmax(axis=1) == wanted) > 0.85
    path = tmp_path / "head.onnx"
    write_head(found, 0.5, WIDTH, path)
    (heard,) = Graph(path, threads=1, optimised=True).run(
        {
            STATES: np.stack([unseen[0, :WIDTH], np.zeros(WIDTH, np.float32)]),
            SHARES: np.array([[1.0, 0.0]], np.float32),
            PROSODY: unseen[:1, WIDTH:],
        }
    )
    assert heard.shape == (len(EMOTIONS),)
    right = shares(0.5 * found.logits(unseen[:1]))[0]
    np.testing.assert_allclose(heard[: len(HEARD)], right, atol=1e-5)


def test_overconfident_logits_are_tempered() -> None:
    """Logits ten times too large are brought back to what they are worth."""
    draw = np.random.default_rng(2)
    honest = 1.5 * draw.standard_normal((7_000, len(HEARD)))
    labels = np.array([draw.choice(len(HEARD), p=row) for row in shares(honest)])
    assert temper(10 * honest, labels) == pytest.approx(0.1, abs=0.015)
