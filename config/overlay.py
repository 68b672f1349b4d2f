"""Layers of settings in, one table out, and for each wrong value the layer it came from."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec
from msgspec.inspect import StrType, StructType, Type

from config.errors import ConfigError

RawTable: TypeAlias = dict[str, Any]

_PATH_IN_ERROR: Final = re.compile(r" - at `(?:key` in `)?\$\.?([^`]*)`$")
_LONGEST_VALUE: Final = 60
"""Characters of a wrong value that an error repeats: enough to recognise it, still one line."""


class Layer(msgspec.Struct, frozen=True):
    """One source of settings."""

    origin: str
    """What the user knows it by: a file name or the option as it was typed."""
    table: RawTable


def merged(layers: Sequence[Layer]) -> RawTable:
    """Return one table in which later layers win; tables are merged, arrays replaced."""
    result: RawTable = {}
    for layer in layers:
        _lay_over(result, layer.table)
    return result


def _lay_over(below: RawTable, above: Mapping[str, Any]) -> None:
    for key, value in above.items():
        if isinstance(value, dict):
            beneath = below.get(key)
            target = beneath if isinstance(beneath, dict) else {}
            _lay_over(target, value)
            below[key] = target
        else:
            below[key] = value


def refuse_unknown_keys(layer: Layer, shape: StructType) -> None:
    """Raise ConfigError for the first key of `layer` that `shape` does not know."""
    for path in _unknown_keys(layer.table, shape, ()):
        known = [field.encode_name for field in _struct_at(shape, path[:-1]).fields]
        close = difflib.get_close_matches(path[-1], known, n=1, cutoff=0.5)
        near = ".".join((*path[:-1], close[0])) if close else ""
        remedy = f"did you mean {near}?" if near else f"known here: {', '.join(known)}"
        raise ConfigError(f"{layer.origin}: unknown setting {'.'.join(path)}; {remedy}")


def _unknown_keys(
    table: RawTable, shape: StructType, above: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    fields = {field.encode_name: field.type for field in shape.fields}
    for key, value in table.items():
        if key not in fields:
            yield (*above, key)
        elif isinstance(inner := fields[key], StructType) and isinstance(value, dict):
            yield from _unknown_keys(value, inner, (*above, key))


def _struct_at(shape: StructType, path: Sequence[str]) -> StructType:
    for key in path:
        inner = next(field.type for field in shape.fields if field.encode_name == key)
        if not isinstance(inner, StructType):
            break
        shape = inner
    return shape


def parse_assignment(text: str, shape: StructType) -> Layer:
    """Return the layer of one `a.b=v`.

    v is a TOML value; a bare word is a string, and so is anything where a string is expected.
    Raises ConfigError when there is no `=` or no name before it.
    """
    name, equals, raw = text.partition("=")
    path = [part.strip() for part in name.split(".")]
    origin = f"--set {text}"
    if not equals or not all(path):
        raise ConfigError(f"{origin}: not of the form section.setting=value")
    value: Any = _toml_value(raw)
    if not isinstance(value, str) and isinstance(_type_at(shape, path), StrType):
        value = raw.strip()
    for key in reversed(path):
        value = {key: value}
    return Layer(origin, value)


def _toml_value(raw: str) -> object:
    try:
        parsed = tomllib.loads(f"value = {raw}")
    except tomllib.TOMLDecodeError:
        return raw.strip()
    return parsed["value"] if len(parsed) == 1 else raw.strip()


def _type_at(shape: StructType, path: Sequence[str]) -> Type | None:
    inner: Type | None = shape
    for key in path:
        if not isinstance(inner, StructType):
            return None
        inner = next((field.type for field in inner.fields if field.encode_name == key), None)
    return inner


def blame(error: msgspec.ValidationError, layers: Sequence[Layer]) -> ConfigError:
    """Return the error as one line that names the layer the wrong value came from."""
    text = str(error)
    where = _PATH_IN_ERROR.search(text)
    complaint = text[: where.start()] if where else text
    path = [part for part in re.split(r"[.\[\]]+", where[1] if where else "") if part != "..."]
    path = [part for part in path if part]
    for layer in reversed(layers):
        found, value = _value_at(layer.table, path)
        if found:
            shown = repr(value)
            if len(shown) > _LONGEST_VALUE:
                shown = shown[:_LONGEST_VALUE] + "…"
            field = ".".join(path) or "the file"
            return ConfigError(
                f"{layer.origin}: {field} is {shown}: {_lowered(complaint)}; correct it there"
            )
    return ConfigError(f"{layers[0].origin}: {'.'.join(path)}: {_lowered(complaint)}")


def _value_at(table: RawTable, path: Sequence[str]) -> tuple[bool, object]:
    value: object = table
    for key in path:
        if isinstance(value, list) and key.isdigit():
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return False, None
    return True, value


def _lowered(complaint: str) -> str:
    return complaint[:1].lower() + complaint[1:]
