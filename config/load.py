"""Defaults, a plan of cores, a profile, the user's file and --set in; checked settings out."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec.inspect import StructType, type_info

from config.cores import available_cores, chosen_plan
from config.errors import ConfigError
from config.overlay import (
    Layer,
    RawTable,
    blame,
    merged,
    parse_assignment,
    refuse_unknown_keys,
)
from config.settings import Settings

__all__ = [
    "AUTO",
    "ConfigError",
    "load_settings",
    "profile_names",
    "read_toml",
    "settings_from_json",
    "settings_of_old",
    "settings_to_json",
]

AUTO: Final = "auto"
"""The profile that `models.auto_profile` resolves before settings are loaded."""

_FOLDER: Final = Path(__file__).parent
_DEFAULTS: Final = _FOLDER / "pipeline.toml"
_PROFILES: Final = _FOLDER / "profiles"
_PLANS: Final = _FOLDER / "cores.d"


def profile_names() -> tuple[str, ...]:
    """Return the names of the shipped profiles, sorted."""
    return tuple(sorted(path.stem for path in _PROFILES.glob("*.toml")))


def load_settings(
    profile: str,
    user_file: Path | None = None,
    assignments: Sequence[str] = (),
    *,
    cores: int | None = None,
) -> Settings:
    """Return pipeline.toml overlaid by `profile`, `user_file` and each `a.b=v` of `assignments`.

    cores: how many to plan for; None: as many as this process may use.
    Raises ConfigError, one line, for an unknown profile, an unreadable file, bad TOML,
    an unknown setting, a wrong type or a value out of range.
    """
    shape = type_info(Settings)
    if not isinstance(shape, StructType):
        raise TypeError("Settings is not a struct")
    layers = [
        Layer("config/pipeline.toml", read_toml(_DEFAULTS)),
        *_plan(len(available_cores()) if cores is None else cores),
        Layer(f"config/profiles/{profile}.toml", read_toml(_profile_path(profile))),
    ]
    if user_file is not None:
        layers.append(Layer(str(user_file), read_toml(user_file)))
    layers.extend(parse_assignment(text, shape) for text in assignments)
    for layer in layers:
        refuse_unknown_keys(layer, shape)
    try:
        return msgspec.convert(merged(layers), Settings)
    except msgspec.ValidationError as error:
        raise blame(error, layers) from error


def _plan(cores: int) -> list[Layer]:
    """Return what changes on a machine of so many cores."""
    plan = chosen_plan(cores, (int(path.stem) for path in _PLANS.glob("*.toml")))
    if plan is None:
        return []
    return [Layer(f"config/cores.d/{plan}.toml", read_toml(_PLANS / f"{plan}.toml"))]


def _profile_path(profile: str) -> Path:
    names = profile_names()
    if profile not in names:
        close = difflib.get_close_matches(profile, (*names, AUTO), n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise ConfigError(
            f"--profile {profile}: no such profile; {hint}there are {', '.join((*names, AUTO))}"
        )
    return _PROFILES / f"{profile}.toml"


def read_toml(path: Path) -> RawTable:
    """Return the tables of a TOML file.

    Raises ConfigError when it is missing, unreadable, not UTF-8 or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file; check the path") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error


def settings_to_json(settings: Settings) -> bytes:
    """Return resolved settings as JSON: the supervisor hands them to workers as a file."""
    return msgspec.json.encode(settings)


def settings_from_json(data: bytes) -> Settings:
    """Return the settings that `settings_to_json` wrote.

    Raises ConfigError when the data is not that.
    """
    try:
        return msgspec.json.decode(data, type=Settings)
    except msgspec.DecodeError as error:
        raise ConfigError(f"settings.json: {error}; restart the daemon to write it anew") from error


def settings_of_old(table: RawTable) -> Settings:
    """Return settings that another version wrote; what is new since then is as in pipeline.toml.

    Raises ConfigError, one line, for one that is gone since then or means something else.
    """
    shape = type_info(Settings)
    if not isinstance(shape, StructType):
        raise TypeError("Settings is not a struct")
    layers = [Layer("config/pipeline.toml", read_toml(_DEFAULTS)), Layer("its settings", table)]
    refuse_unknown_keys(layers[1], shape)
    try:
        return msgspec.convert(merged(layers), Settings)
    except msgspec.ValidationError as error:
        raise blame(error, layers) from error
