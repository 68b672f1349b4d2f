from __future__ import annotations

from pathlib import Path

import pytest

from config.load import ConfigError, load_settings, profile_names
from models.catalogue import HubSource, is_path, load_catalogue, needed_models, packages_of
from models.errors import UnknownModel


def test_the_shipped_catalogue_is_sound() -> None:
    """It loads, and a file without SHA-256 comes from the hub only: packages are pinned."""
    catalogue = load_catalogue()
    for model in catalogue.models.values():
        for file in model.files:
            unpinned = file.sha256 is None
            assert not unpinned or all(isinstance(each, HubSource) for each in file.sources)


def test_no_package_size_is_left_over() -> None:
    """Each size belongs to a package that some model is taken from."""
    catalogue = load_catalogue()
    used = {name for model in catalogue.models.values() for name in packages_of(model.files)}
    assert used == set(catalogue.wheel_bytes)


def test_profiles_name_models_of_the_catalogue() -> None:
    """What a profile needs is in the catalogue; the two small ones need no hub."""
    catalogue = load_catalogue()
    needs = {name: needed_models(load_settings(name), catalogue) for name in profile_names()}
    listening = ("silero-vad", "smart-turn-v3.2")
    resident = ("whisper-tiny", "smollm2-135m", "use-multilingual-v3", "piper-joe")
    assert needs["tiny"] == (*listening, *resident)
    assert set(needs["default"]) > {"lfm2-1.2b", "piper-davefx"}
    for name in (*needs["tiny"], *needs["offline"]):
        assert all(file.sha256 for file in catalogue.model(name).files)


def test_paths_and_espeak_need_nothing() -> None:
    """A user's own files and the voice of last resort are not fetched."""
    options = [
        "thinker.model=/home/me/a.gguf",
        "talker.voices.en=espeak",
        "talker.voices.es=~/voice.onnx",
        "encoder.engine=onnx-asr",
        "encoder.model=whatever-it-knows",
        "capture.endpointing.model=",
        "memory.embedding=",
    ]
    settings = load_settings("tiny", None, options)
    assert needed_models(settings, load_catalogue()) == ("silero-vad",)


def test_a_misspelt_model_is_explained() -> None:
    """The line names the setting and the nearest id."""
    settings = load_settings("tiny", None, ["thinker.model=smollm-135m"])
    with pytest.raises(ConfigError, match=r"^thinker.model: .*did you mean smollm2-135m\?"):
        needed_models(settings, load_catalogue())


def test_unknown_models_are_explained() -> None:
    """An id far from all others points to the list."""
    with pytest.raises(UnknownModel, match=r"model qqq: .*models list"):
        load_catalogue().model("qqq")


@pytest.mark.parametrize(
    ("reference", "expected"),
    [("a.gguf", True), ("./a", True), ("~/a", True), ("v.onnx", True), ("lfm2-1.2b", False)],
)
def test_tells_paths_from_ids(reference: str, *, expected: bool) -> None:
    """A slash, a tilde or a model file's ending makes a path."""
    assert is_path(reference) is expected


GOOD = (
    '[wheel_bytes]\n"a==1" = 5\n[models.m]\nabout = ""\nkind = "gguf"\nlicence = ""\n'
    '[[models.m.files]]\nrole = "model"\nname = "f"\nsize_bytes = 3\n'
    'sources = [{ kind = "wheels", parts = [{ package = "a==1", member = "x" }] }]\n'
)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('role = "model"', 'rule = "model"', "unknown field `rule`"),
        ('name = "f"', 'name = "../f"', "matching regex"),
        ("size_bytes = 3", "size_bytes = 0", ">= 1"),
        ('"wheels"', '"floppy"', "floppy"),
        ('"a==1" = 5\n', "", "a==1 of m is not in wheel_bytes"),
        ('kind = "gguf"', 'kind = "goof"', "goof"),
    ],
)
def test_a_wrong_catalogue_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    """Unknown keys, unsafe names and unsized packages are errors in one line."""
    path = tmp_path / "models.toml"
    path.write_text(GOOD)
    assert list(load_catalogue(path).models) == ["m"]
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_catalogue(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)
