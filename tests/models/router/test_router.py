from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.router import measured
from benchmarks.router_utterances import utterances
from config.settings import Settings
from models.errors import EngineFailed
from models.router.router import LATENT, Router, read_head
from models.sentence_encoder import SentenceEncoder, open_sentence_encoder
from models.store import ModelStore


@pytest.fixture(scope="module")
def encoder(settings: Settings, store: ModelStore) -> SentenceEncoder:
    opened = open_sentence_encoder(settings, store)
    assert opened is not None
    return opened


def test_sentences_it_was_not_fitted_on(encoder: SentenceEncoder) -> None:
    """On the held half of the set; and of both halves no private sentence goes to an expert."""
    router = Router(read_head())
    assert router.embedding == encoder.name
    rows = utterances()
    figures = measured([(row, router.route(row.text, encoder.embed(row.text))) for row in rows])
    assert figures["accuracy"] >= 0.92
    assert figures["harmful"] == 0


def test_private_questions_stay_whatever_the_head_says() -> None:
    """The head is a guess, the rules are not."""
    head = read_head()
    head.bias[1] = 100.0
    router = Router(head, household=("Zaphod",))
    latent = [0.0] * LATENT
    assert router.route("How do stars form?", latent).route == "expert"
    for text in ("How does my pension work?", "Where is Zaphod?"):
        assert router.route(text, latent).route == "local"
        assert router.route(text, latent).private


def test_unsure_means_local() -> None:
    """Without a latent, and where the likeliest is not likely."""
    head = read_head()
    assert Router(head).route("How do stars form?", ()).route == "local"
    for row in head.weights:
        row[:] = [0.0] * len(row)
    head.bias[:] = [0.0, 0.2, 0.0, 0.0, 0.0]
    assert Router(head).route("How do stars form?", [0.0] * LATENT).route == "local"


def test_the_split_keeps_both_languages_of_a_sentence_together() -> None:
    """Else a test would be known in the other language."""
    splits: dict[str, set[str]] = {}
    for row in utterances():
        splits.setdefault(row.pair, set()).add(row.split)
    assert all(len(each) == 1 for each in splits.values())


def test_a_head_for_something_else_is_refused(tmp_path: Path) -> None:
    """Other features were added since, or the file is none."""
    path = tmp_path / "head.json"
    path.write_text("{}")
    with pytest.raises(EngineFailed, match="no head for the router"):
        read_head(path)
