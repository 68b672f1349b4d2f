from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load_settings
from models.pool.errors import SpecialistFailed
from models.pool.messages import Look
from models.pool.pool import Pool
from models.store import ModelStore
from tests.models.pool.tiny_vision import write_picture, write_tiny_projector


@pytest.fixture
def pool(store: ModelStore, tmp_path: Path) -> Pool:
    model = tmp_path / "model.gguf"
    model.symlink_to(store.files("smollm2-135m")["model"])
    write_tiny_projector(tmp_path / "mmproj-tiny.gguf")
    chosen = [
        f"pool.specialists.vision.model={model}", "pool.specialists.vision.context_tokens=512",
        "pool.specialists.vision.load_s=100", "pool.specialists.vision.between_ms=60_000",
        "pool.most_tokens=8", "thinker.temperature=0",
    ]  # fmt: skip
    return Pool(load_settings("tiny", None, chosen), free=lambda: 10_000)


def seen(pool: Pool, picture: Path) -> list[str]:
    task = Look("What is in the picture?", str(picture))
    return [piece for piece in pool.answer("vision", task) if piece]


def test_a_picture_is_looked_at_by_the_real_engine(pool: Pool, tmp_path: Path) -> None:
    """Through projector and model; what is no picture is told, and the model looks again."""
    picture = write_picture(tmp_path / "red.png", 250)
    first = seen(pool, picture)
    assert first
    assert seen(pool, picture) == first
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    with pytest.raises(SpecialistFailed, match="cannot be looked at"):
        seen(pool, broken)
    assert seen(pool, picture) == first
    pool.close()
