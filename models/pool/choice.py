"""A kind of question and the settings in; whom to ask, in order, out. Pure."""

from __future__ import annotations

from collections.abc import Collection

from config.pool_settings import Kind, Pool


def experts(pool: Pool) -> tuple[str, ...]:
    """Return the experts to ask, the preferred kind first; () where none is to be asked."""
    if not pool.expert:
        return ()
    other: Kind = "local" if pool.prefer == "server" else "server"
    return _chain(pool, pool.prefer) or _chain(pool, other)


def able(pool: Pool, kind: Kind) -> tuple[str, ...]:
    """Return the specialists of a kind and those they fall back on, in order."""
    return _chain(pool, kind)


def _chain(pool: Pool, kind: Kind) -> tuple[str, ...]:
    """Return the first of `kind` that there is, its fallback, and so on; each once."""
    present = pool.present
    first = next((name for name, each in present.items() if each.kind == kind), "")
    return _followed(pool, first, present)


def _followed(pool: Pool, name: str, present: Collection[str]) -> tuple[str, ...]:
    seen: list[str] = []
    while name and name not in seen:
        seen.append(name)
        name = pool.specialists[name].fallback
    return tuple(each for each in seen if each in present)
