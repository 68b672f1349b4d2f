"""The catalogue of model files: config/models.toml in, frozen entries out."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from config.errors import ConfigError
from config.load import read_toml
from config.overlay import Layer, blame
from config.settings import Settings
from config.tables import LanguageCode, Table
from models.errors import UnknownModel

ESPEAK: Final = "espeak"
"""The voice that needs no file."""

Sha256: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
FileName: TypeAlias = Annotated[str, Meta(pattern=r"^[\w][\w.\-]*$")]
ModelId: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.\-]*$")]
Package: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.\-]*==[0-9][\w.]*$")]
Bytes: TypeAlias = Annotated[int, Meta(ge=1, le=1 << 40)]
Role: TypeAlias = Literal[
    "weights",
    "tokenizer",
    "vocabulary",
    "config",
    "model",
    "projector",
    "voice",
    "voice-config",
    "styles",
]
Kind: TypeAlias = Literal[
    "ct2-translation",
    "ct2-whisper",
    "gguf",
    "gguf-vision",
    "piper",
    "kokoro",
    "silero",
    "smart-turn",
    "sentence-encoder",
]

_SHIPPED: Final = Path(__file__).parent.parent / "config" / "models.toml"


class WheelPart(Table, frozen=True, kw_only=True):
    """One member of one package."""

    package: Package
    """name==version"""
    member: str
    """Path inside the wheel."""


class WheelSource(Table, frozen=True, kw_only=True, tag_field="kind", tag="wheels"):
    """A file in packages of the Python index, in parts to be joined in order."""

    parts: Annotated[tuple[WheelPart, ...], Meta(min_length=1)]

    def __str__(self) -> str:
        packages = list(dict.fromkeys(part.package for part in self.parts))
        more = f" … {packages[-1]}" if len(packages) > 1 else ""
        return f"wheel {packages[0]}{more}"


class HubSource(Table, frozen=True, kw_only=True, tag_field="kind", tag="hub"):
    """A file of a Hugging Face repository."""

    repo: Annotated[str, Meta(pattern=r"^[\w.\-]+/[\w.\-]+$")]
    path: str
    revision: str

    def __str__(self) -> str:
        return f"Hugging Face {self.repo}"


Source: TypeAlias = WheelSource | HubSource


class ModelFile(Table, frozen=True, kw_only=True):
    """One file of a model."""

    role: Role
    name: FileName
    sha256: Sha256 | None = None
    """None: pinned at the first download."""
    size_bytes: Bytes
    """Exact where `sha256` is given, an estimate elsewhere."""
    sources: Annotated[tuple[Source, ...], Meta(min_length=1)]
    """Tried in order."""


class Model(Table, frozen=True, kw_only=True):
    """A model: what it is and the files that make it."""

    about: str
    kind: Kind
    licence: str
    languages: tuple[LanguageCode, ...] = ()
    """What it can hear, say or write of the daemon's languages; empty: any."""
    files: Annotated[tuple[ModelFile, ...], Meta(min_length=1)]

    @property
    def size_bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.size_bytes for file in self.files)


class Catalogue(Table, frozen=True, kw_only=True):
    """All models that can be named by an id."""

    wheel_bytes: dict[Package, Bytes]
    """Size of each package that sources name."""
    models: dict[ModelId, Model]

    def __post_init__(self) -> None:
        """Refuse a package without a size, and two files of a model with one role or name."""
        for name, model in self.models.items():
            if len({file.role for file in model.files}) < len(model.files):
                raise ValueError(f"{name} has two files of one role")
            if len({file.name for file in model.files}) < len(model.files):
                raise ValueError(f"{name} has two files of one name")
            for package in packages_of(model.files):
                if package not in self.wheel_bytes:
                    raise ValueError(f"{package} of {name} is not in wheel_bytes")

    def model(self, name: str) -> Model:
        """Return the model called `name`. Raises UnknownModel, which suggests the nearest."""
        found = self.models.get(name)
        if found is None:
            close = difflib.get_close_matches(name, self.models, n=1)
            raise UnknownModel(name, close[0] if close else None)
        return found


def packages_of(files: tuple[ModelFile, ...]) -> tuple[str, ...]:
    """Return the packages that the sources of `files` name, each once."""
    return tuple(
        dict.fromkeys(
            part.package
            for file in files
            for source in file.sources
            if isinstance(source, WheelSource)
            for part in source.parts
        )
    )


def load_catalogue(path: Path = _SHIPPED) -> Catalogue:
    """Return the catalogue of a TOML file. Raises ConfigError where it is not one."""
    table = read_toml(path)
    try:
        return msgspec.convert(table, Catalogue)
    except msgspec.ValidationError as error:
        raise blame(error, [Layer(str(path), table)]) from error


def is_path(reference: str) -> bool:
    """Tell whether `reference` names a user's own file or folder, not a catalogue entry."""
    return "/" in reference or reference.startswith("~") or reference.endswith((".gguf", ".onnx"))


def needed_models(settings: Settings, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the ids of the models that `settings` ask for, silero-vad always among them.

    Raises ConfigError for a name that is neither an id, a path nor "espeak".
    """
    asked = _asked(settings)
    for field, name in asked.items():
        if not is_path(name):
            try:
                catalogue.model(name)
            except UnknownModel as error:
                raise ConfigError(f"{field}: {error}") from error
    chosen = (name for name in asked.values() if name in catalogue.models)
    return tuple(dict.fromkeys(chosen))


def _asked(settings: Settings) -> dict[str, str]:
    """Return the models by the setting that names them."""
    asked = {"silero-vad": "silero-vad"}
    if settings.capture.endpointing.model:
        asked["capture.endpointing.model"] = settings.capture.endpointing.model
    if settings.encoder.engine == "whisper":
        asked["encoder.model"] = settings.encoder.model
    asked["thinker.model"] = settings.thinker.model
    if settings.memory.embedding:
        asked["memory.embedding"] = settings.memory.embedding
    for language, voice in settings.talker.voices.items():
        if voice != ESPEAK:
            asked[f"talker.voices.{language}"] = voice
    for specialist, each in settings.pool.present.items():
        if each.kind != "server":
            asked[f"pool.specialists.{specialist}.model"] = each.model
    return asked
