from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from models.catalogue import Catalogue, HubSource, Model, ModelFile
from models.errors import ModelDamaged, ModelMissing, UnknownModel
from models.store import ModelStore, default_root

CONTENT = {"weights": b"seven hundred megabytes", "tokenizer": b"{}"}
HUB = HubSource(repo="made/up", path="f", revision="main")


def file(role: str, *, pinned: bool = True) -> ModelFile:
    content = CONTENT[role]
    sha256 = hashlib.sha256(content).hexdigest() if pinned else None
    assert role in ("weights", "tokenizer")
    return ModelFile(
        role="weights" if role == "weights" else "tokenizer",
        name=f"{role}.bin",
        sha256=sha256,
        size_bytes=len(content),
        sources=(HUB,),
    )


def model(*files: ModelFile) -> Model:
    return Model(about="", kind="gguf", licence="", files=files)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """Return a store that holds both files of `m`, and of `loose`, which has no SHA-256."""
    catalogue = Catalogue(
        wheel_bytes={},
        models={
            "m": model(file("weights"), file("tokenizer")),
            "loose": model(file("weights", pinned=False)),
        },
    )
    store = ModelStore(tmp_path / "cache", catalogue)
    for name, entry in catalogue.models.items():
        for each in entry.files:
            staged = tmp_path / "staged"
            staged.write_bytes(CONTENT[each.role])
            store.adopt(name, each, staged)
    return store


def flip(path: Path, *, later: bool = True) -> None:
    """Change one byte and nothing else but, if `later`, the time of change."""
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)
    shift_ns = 1_000_000 if later else 0
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + shift_ns))


def test_gives_files_by_role(store: ModelStore) -> None:
    """What was taken in is found by role, under its own name."""
    files = store.files("m")
    assert {role: path.read_bytes() for role, path in files.items()} == CONTENT
    assert files["weights"].name == "weights.bin"


def test_names_what_is_missing(store: ModelStore) -> None:
    """A missing file is named with the command that fetches it."""
    store.files("m")["tokenizer"].unlink()
    with pytest.raises(ModelMissing, match=r"model m: .*tokenizer.bin is missing; .* fetch m$"):
        store.files("m")
    assert [each.role for each in store.wanting("m")] == ["tokenizer"]


def test_notices_one_flipped_byte(store: ModelStore) -> None:
    """A file touched since it was verified is hashed at the next start."""
    flip(store.files("m")["weights"])
    with pytest.raises(ModelDamaged, match=r"weights.bin has SHA-256 .*, not .*; fetch it again"):
        store.files("m")
    assert [each.role for each in store.wanting("m")] == ["weights"]


def test_verify_finds_silent_rot(store: ModelStore) -> None:
    """A byte that changed without a new time of change is found by verify only."""
    flip(store.files("m")["weights"], later=False)
    store.files("m")
    with pytest.raises(ModelDamaged, match=r"weights.bin has SHA-256"):
        store.verify("m")
    with pytest.raises(ModelDamaged):
        store.files("m")


def test_notices_a_cut_file(store: ModelStore) -> None:
    """A shorter file is damaged, whatever its time of change."""
    path = store.files("m")["weights"]
    path.write_bytes(CONTENT["weights"][:-1])
    with pytest.raises(ModelDamaged, match=r"has 22 bytes, not 23"):
        store.files("m")


def test_trusts_an_untouched_copy(store: ModelStore) -> None:
    """A file that was only touched is hashed once and believed again."""
    path = store.files("m")["weights"]
    os.utime(path, ns=(1, 1))
    assert store.files("m") == store.files("m")
    store.verify("m")


def test_refuses_what_is_not_the_file(store: ModelStore, tmp_path: Path) -> None:
    """A staged file with other content is not taken in."""
    staged = tmp_path / "staged"
    staged.write_bytes(b"seven hundred kilobytes")
    with pytest.raises(ModelDamaged, match=r"has SHA-256"):
        store.adopt("m", file("weights"), staged)
    assert store.files("m")["weights"].read_bytes() == CONTENT["weights"]


def test_holds_a_file_to_its_first_hash(store: ModelStore, tmp_path: Path) -> None:
    """A file without SHA-256 is believed once; another one later is refused."""
    staged = tmp_path / "staged"
    staged.write_bytes(b"another one of any length")
    with pytest.raises(ModelDamaged):
        store.adopt("loose", file("weights", pinned=False), staged)
    flip(store.files("loose")["weights"])
    with pytest.raises(ModelDamaged):
        store.files("loose")


def test_unreadable_pins_are_not_guessed(store: ModelStore) -> None:
    """A broken pin file stops the models that depend on it, and says which file it is."""
    (store.root / "pins.json").write_text("{")
    with pytest.raises(ModelDamaged, match=r"pins.json: not readable"):
        store.files("loose")
    store.files("m")


def test_what_was_derived_belongs_to_its_source(store: ModelStore) -> None:
    """The folder of derived files is the same at each start and another for other files."""
    first = store.derived("m", "split-v1")
    assert first == store.derived("m", "split-v1")
    assert first != store.derived("m", "split-v2")
    assert first.parent.is_dir()
    assert not first.exists()
    assert first != store.derived("loose", "split-v1")


def test_resolves_a_users_own_files(store: ModelStore, tmp_path: Path) -> None:
    """A GGUF file, or a voice with its description beside it, is used where it is."""
    gguf, voice = tmp_path / "a.gguf", tmp_path / "v.onnx"
    gguf.write_bytes(b"1")
    assert store.resolve(str(gguf)) == {"model": gguf}
    voice.write_bytes(b"1")
    with pytest.raises(UnknownModel, match=r"v.onnx.json: no such model or file"):
        store.resolve(str(voice))
    beside = tmp_path / "v.onnx.json"
    beside.write_text("{}")
    assert store.resolve(str(voice)) == {"voice": voice, "voice-config": beside}
    assert store.resolve("m") == store.files("m")


def test_a_users_changed_file_derives_anew(store: ModelStore, tmp_path: Path) -> None:
    """What was made of a user's file is not used for a newer file of the same name."""
    gguf = tmp_path / "a.gguf"
    gguf.write_bytes(b"1")
    first = store.derived(str(gguf), "x")
    assert first == store.derived(str(gguf), "x")
    gguf.write_bytes(b"22")
    assert first != store.derived(str(gguf), "x")


def test_the_cache_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment variable names another cache folder."""
    monkeypatch.setenv("SARAI_CACHE", str(tmp_path))
    assert default_root() == tmp_path
    monkeypatch.setenv("SARAI_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_root() == tmp_path / "sarai"
