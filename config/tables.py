"""What all tables of settings are made of: numbers with ranges in, checked types out."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

Positive: TypeAlias = Annotated[int, Meta(ge=1, le=1_000_000)]
Natural: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000)]
Threads: TypeAlias = Annotated[int, Meta(ge=1, le=64)]
Unit: TypeAlias = Annotated[float, Meta(ge=0.0, le=1.0)]
LanguageCode: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z]{2}$")]


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A TOML table: unknown keys are errors."""
