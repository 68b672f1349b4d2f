"""The labelled set's train half in; the head of `models.router` out, and how it does on folds.

The penalty is chosen by the folds, in which both languages of a sentence stay together. The held
half is not looked at. `bench router` measures on it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.model_selection import GroupKFold, cross_val_predict  # type: ignore[import-untyped]

from benchmarks.router_utterances import Utterance, utterances
from config.load import load_settings
from models.router.private import is_private
from models.router.router import HEAD_FILE, ROUTES, Head, features
from models.sentence_encoder import SentenceEncoder, open_sentence_encoder

_PENALTIES: Final = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
_FOLDS: Final = 10
_LEAST_PROBABILITY: Final = 0.45
"""Chosen on the folds: below it more is wrong than right."""
_LEAST_EXPERT_PROBABILITY: Final = 0.55
"""Chosen on the folds: of 60 private sentences that no rule marks, 1 is above it and taken for a
question to an expert, and so are nine tenths of those questions."""
_DIGITS: Final = 4


def main(argv: Sequence[str] | None = None) -> int:
    """Fit, print the folds' figures, write the head; return the exit code."""
    parser = argparse.ArgumentParser(prog="bench router_train", description=__doc__)
    parser.parse_args(argv)
    encoder = open_sentence_encoder(load_settings("default"))
    if encoder is None:
        sys.stderr.write("router_train: memory.embedding is empty; name the sentence encoder\n")
        return 2
    train = [each for each in utterances() if each.split == "train"]
    inputs, labels = matrix(encoder, train), np.array([each.label for each in train])
    groups = [each.pair for each in train]
    folded = {each: _folded(inputs, labels, groups, each) for each in _PENALTIES}
    best = max(folded.values())
    penalty = min(each for each, right in folded.items() if right == best)
    print(f"{len(train)} sentences, {_FOLDS} folds: {best:.3f} right with C = {penalty:g}")
    fitted = _regression(penalty).fit(inputs, labels)
    _show_unsure(inputs, labels, groups, penalty)
    HEAD_FILE.write_bytes(msgspec.json.format(msgspec.json.encode(_head(fitted, encoder.name))))
    print(f"{HEAD_FILE} written, {HEAD_FILE.stat().st_size} bytes")
    return 0


def matrix(encoder: SentenceEncoder, rows: Sequence[Utterance]) -> NDArray[np.float32]:
    """Return what the head weighs of each row: shape (rows, FEATURES)."""
    return np.stack(
        [
            features(each.text, encoder.embed(each.text), private=is_private(each.text))
            for each in rows
        ]
    )


def _regression(penalty: float) -> Any:  # noqa: ANN401 - scikit-learn has no types
    return LogisticRegression(C=penalty, max_iter=2_000)


def _folded(
    inputs: NDArray[np.float32], labels: NDArray[np.str_], groups: list[str], penalty: float
) -> float:
    predicted = cross_val_predict(
        _regression(penalty), inputs, labels, groups=groups, cv=GroupKFold(_FOLDS)
    )
    right = float((predicted == labels).mean())
    print(f"  C = {penalty:g}: {right:.3f}")
    return right


def _show_unsure(
    inputs: NDArray[np.float32], labels: NDArray[np.str_], groups: list[str], penalty: float
) -> None:
    """Print how often it is right by how sure it is."""
    shares = cross_val_predict(
        _regression(penalty), inputs, labels, groups=groups, cv=GroupKFold(_FOLDS),
        method="predict_proba",
    )  # fmt: skip
    right = np.unique(labels)[shares.argmax(axis=1)] == labels
    for low, high in ((0.0, 0.45), (0.45, 0.6), (0.6, 0.8), (0.8, 1.01)):
        among = (shares.max(axis=1) >= low) & (shares.max(axis=1) < high)
        print(
            f"  sure {low:.2f} to {high:.2f}: {int(right[among].sum())} of {int(among.sum())} right"
        )


def _head(fitted: Any, embedding: str) -> Head:  # noqa: ANN401 - scikit-learn has no types
    rows = [list(fitted.classes_).index(route) for route in ROUTES]
    return Head(
        embedding=embedding,
        least_probability=_LEAST_PROBABILITY,
        least_expert_probability=_LEAST_EXPERT_PROBABILITY,
        bias=[round(float(fitted.intercept_[row]), _DIGITS) for row in rows],
        weights=[[round(float(each), _DIGITS) for each in fitted.coef_[row]] for row in rows],
    )


if __name__ == "__main__":
    raise SystemExit(main())
