from __future__ import annotations

from pathlib import Path

import pytest

from models.catalogue import load_catalogue
from models.errors import CacheUnusable
from models.store import ModelStore
from tests.models.fetch.made_up import build_wheel
from tests.models.fetch.rig import (
    FIRST,
    HALF,
    WEIGHTS,
    assert_nothing_half_written,
    build_both,
    fetch_twin,
)


def test_says_how_much_room_is_missing(index: Path, catalogue: Path, small_disk: Path) -> None:
    """Where the sizes are known, a fetch that will not fit is refused before it begins."""
    text = catalogue.read_text().replace(f"= {HALF}", "= 5_000_000")
    catalogue.write_text(text)
    build_both(index)
    store = ModelStore(small_disk, load_catalogue(catalogue))
    with pytest.raises(CacheUnusable, match=r"twin needs 16 MB, \d MB are free; make room.*SARAI_"):
        fetch_twin(store)
    assert_nothing_half_written(store)


@pytest.mark.parametrize(
    ("filler_bytes", "ballast_bytes"), [(500_000, 0), (400_000, 400_000)], ids=["copy", "download"]
)
def test_survives_a_disk_that_fills_up(
    index: Path, catalogue: Path, small_disk: Path, filler_bytes: int, ballast_bytes: int
) -> None:
    """A disk that is full in mid-copy or in mid-download: one line, and later a clean retry."""
    catalogue.write_text(catalogue.read_text().replace(f"= {HALF}", "= 1"))
    build_both(index)
    build_wheel(index, FIRST[0], {FIRST[1]: WEIGHTS[:HALF], "ballast": bytes(ballast_bytes)})
    store = ModelStore(small_disk / "cache", load_catalogue(catalogue))
    filler = small_disk / "filler"
    filler.write_bytes(bytes(filler_bytes))
    with pytest.raises(CacheUnusable, match=r"No space left on device; make room"):
        fetch_twin(store)
    assert_nothing_half_written(store)
    filler.unlink()
    fetch_twin(store)
    assert store.files("twin")["model"].read_bytes() == WEIGHTS
