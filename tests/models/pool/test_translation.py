from __future__ import annotations

import pytest

from config.load import load_settings
from models.pool.errors import SpecialistFailed
from models.pool.messages import Translate
from models.pool.pool import Pool
from tests.models.pool.tiny_translation import write_tiny_translation


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Pool:
    folder = write_tiny_translation(tmp_path_factory.mktemp("translation") / "model")
    chosen = [
        f"pool.specialists.translation.model={folder}", "pool.specialists.translation.load_s=60",
        "pool.specialists.translation.first_ms=60_000",
        "pool.specialists.translation.between_ms=60_000",
    ]  # fmt: skip
    return Pool(load_settings("tiny", None, chosen), free=lambda: 10_000)


def said(pool: Pool, text: str, target: str = "es") -> list[str]:
    task = Translate(text, source="fr", target=target)
    return [piece for piece in pool.answer("translation", task) if piece]


def test_sentences_are_translated_one_by_one(pool: Pool) -> None:
    """With the real engine, in a process of its own; the same text twice is the same."""
    first = said(pool, "bonjour le monde. bonjour monde.")
    assert len(first) == 2
    assert first[1].startswith(" ")
    assert not any("_Latn" in piece or "</s>" in piece for piece in first)
    assert said(pool, "bonjour le monde. bonjour monde.") == first
    pool.close()


def test_a_language_it_does_not_know_is_told(pool: Pool) -> None:
    """The process says which, and is asked again for others."""
    with pytest.raises(SpecialistFailed, match="language 'xx': not among ar, bg"):
        said(pool, "bonjour", "xx")
    assert said(pool, "bonjour le monde.")
    pool.close()
