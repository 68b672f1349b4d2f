from __future__ import annotations

from pathlib import Path

import pytest

from config.load import (
    ConfigError,
    load_settings,
    profile_names,
    settings_from_json,
    settings_to_json,
)


def test_each_profile_loads() -> None:
    """Every shipped profile, laid over pipeline.toml, is complete and in range."""
    assert profile_names() == ("default", "offline", "tiny")
    chosen = {name: load_settings(name) for name in profile_names()}
    assert {name: each.thinker.model for name, each in chosen.items()} == {
        "default": "lfm2-1.2b",
        "offline": "qwen2.5-coder-0.5b",
        "tiny": "smollm2-135m",
    }
    assert chosen["tiny"].talker.voices == {"en": "piper-joe", "es": "espeak"}


def test_later_layers_win(tmp_path: Path) -> None:
    """An option wins over the user's file, that over the profile; tables are merged."""
    mine = tmp_path / "mine.toml"
    mine.write_text('[thinker]\nmodel = "a.gguf"\ntop_p = 0.5\n[talker]\nvoices = {es = "b"}\n')
    settings = load_settings("tiny", mine, ["thinker.top_p=0.25"])
    assert settings.thinker.model == "a.gguf"
    assert settings.thinker.top_p == 0.25
    assert settings.talker.voices == {"en": "piper-joe", "es": "b"}
    assert settings.encoder.model == "whisper-tiny"


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("capture.device=USB mic", "USB mic"),
        ("capture.device='3'", "3"),
        ("capture.device=3", "3"),
        ("capture.device=a=b", "a=b"),
        ("capture.device=true", "true"),
    ],
)
def test_bare_words_are_text(option: str, expected: str) -> None:
    """Where text is expected, no quotes are needed."""
    assert load_settings("tiny", None, [option]).capture.device == expected


def test_options_are_toml() -> None:
    """Numbers, truth values and arrays are written as in TOML."""
    settings = load_settings(
        "tiny",
        None,
        ["capture.headset=true", "bus.window_bytes=2_000_000", 'daemon.languages=["en"]'],
    )
    assert settings.capture.headset
    assert settings.bus.window_bytes == 2_000_000
    assert settings.daemon.languages == ("en",)


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("encoder.threads=0", "encoder.threads is 0: expected `int` >= 1; correct it there"),
        ("encoder.threds=1", "unknown setting encoder.threds; did you mean encoder.threads?"),
        (
            "bus.limits.softmb=1",
            "unknown setting bus.limits.softmb; did you mean bus.limits.soft_mb?",
        ),
        ("bus.limits=warm", "bus.limits is 'warm': expected `object`, got `str`; correct it there"),
        ("encoder=1", "encoder is 1: expected `object`, got `int`; correct it there"),
        ("verbose", "not of the form section.setting=value"),
        ("=3", "not of the form section.setting=value"),
    ],
)
def test_wrong_options_are_explained(option: str, complaint: str) -> None:
    """One line names the option, the setting and the remedy."""
    with pytest.raises(ConfigError) as caught:
        load_settings("tiny", None, [option])
    assert str(caught.value) == f"--set {option}: {complaint}"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"[bus]\nwindow_bytes = 1\n", "bus.window_bytes is 1: expected `int` >= 65536"),
        (b"[capture]\nworkers = 2\n", "capture.workers is 2: expected `int` <= 1"),
        (b"[buss]\n", "unknown setting buss; did you mean bus?"),
        (b"[zzz]\n", "unknown setting zzz; known here: daemon, bus, supervisor"),
        (b"[bus\n", "not TOML: Expected ']' at the end of a table declaration (at line 1"),
        (b"\xff\xfe", "not UTF-8 text; save it as UTF-8"),
        (b'[daemon]\nlanguages = ["es", "english"]\n', "daemon.languages.1 is 'english'"),
        (b'[talker]\nvoices = {english = "x"}\n', "talker.voices is {'english': 'x'}"),
        (b'[daemon]\nlog_level = "loud"\n', "daemon.log_level is 'loud': invalid enum value"),
    ],
)
def test_wrong_files_are_explained(tmp_path: Path, content: bytes, complaint: str) -> None:
    """One line names the user's file, the setting and what is wrong."""
    mine = tmp_path / "mine.toml"
    mine.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_settings("tiny", mine)
    assert str(caught.value).startswith(f"{mine}: {complaint}")
    assert "\n" not in str(caught.value)


def test_blames_the_layer_that_set_it(tmp_path: Path) -> None:
    """A wrong value of the user's file is blamed on it, also when options set other things."""
    mine = tmp_path / "mine.toml"
    mine.write_text("[encoder]\nthreads = 99\n")
    with pytest.raises(ConfigError, match=r"mine.toml: encoder.threads is 99"):
        load_settings("tiny", mine, ["encoder.nice=3"])


def test_missing_files_and_profiles_are_explained(tmp_path: Path) -> None:
    """A missing file, a folder in its place, an unknown profile: one line each."""
    with pytest.raises(ConfigError, match=r"gone.toml: no such file; check the path"):
        load_settings("tiny", tmp_path / "gone.toml")
    with pytest.raises(ConfigError, match=r"cannot be read: Is a directory"):
        load_settings("tiny", tmp_path)
    with pytest.raises(ConfigError, match=r"--profile tinny: .* did you mean tiny\?"):
        load_settings("tinny")


def test_settings_travel_as_json() -> None:
    """What the supervisor writes is what a worker reads."""
    settings = load_settings("offline")
    assert settings_from_json(settings_to_json(settings)) == settings
    with pytest.raises(ConfigError, match=r"settings.json: .* restart"):
        settings_from_json(b'{"daemon": {}}')
