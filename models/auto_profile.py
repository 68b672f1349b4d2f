"""A store and a way to load profiles in; the profile to run, and why, out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct

from config.settings import Settings
from models.catalogue import HubSource, ModelFile, needed_models
from models.errors import ModelMissing, SourceFailed
from models.hub import objection
from models.store import ModelStore

PREFERRED: Final = "default"
FALLBACK: Final = "offline"


class Choice(Struct, frozen=True):
    """What `auto` came to."""

    profile: str
    reason: str
    """One sentence for the user."""


def choose_profile(store: ModelStore, load: Callable[[str], Settings]) -> Choice:
    """Return `default` if its files are in the store or can be had, else `offline`.

    load: returns the settings of a profile with the user's own file and options over it.
    Without a network it takes no longer than `models.hub.PROBE_S` and the import of a client.
    Raises ConfigError as `load` does.
    """
    wanted = needed_models(load(PREFERRED), store.catalogue)
    lacking = {name: files for name in wanted if (files := store.wanting(name))}
    if not lacking:
        return Choice(PREFERRED, f"profile {PREFERRED}: its models are in the cache")
    for name, files in lacking.items():
        refusal = _refusal(files)
        if refusal is not None:
            return Choice(
                FALLBACK,
                f"profile {FALLBACK}, because {name} of profile {PREFERRED} is not in the cache "
                f"and its source {refusal}",
            )
    return Choice(PREFERRED, f"profile {PREFERRED}: {', '.join(lacking)} can be fetched")


def present_profile(store: ModelStore, load: Callable[[str], Settings]) -> Choice:
    """Return `default` if all its files are in the store, else `offline` if its are.

    Asks no network: nothing is fetched while the daemon runs.
    load: as for `choose_profile`. Raises ModelMissing when neither is whole.
    """
    lacking = {
        profile: [
            name for name in needed_models(load(profile), store.catalogue) if store.wanting(name)
        ]
        for profile in (PREFERRED, FALLBACK)
    }
    if not lacking[PREFERRED]:
        return Choice(PREFERRED, f"profile {PREFERRED}: its models are in the cache")
    absent = ", ".join(lacking[PREFERRED])
    if not lacking[FALLBACK]:
        return Choice(
            FALLBACK,
            f"profile {FALLBACK}, because of profile {PREFERRED} the cache lacks {absent}",
        )
    raise ModelMissing(f"profile {FALLBACK}", ", ".join(lacking[FALLBACK]))


def _refusal(files: Iterable[ModelFile]) -> SourceFailed | None:
    """Return why one of the files cannot be had.

    Packages are taken to be within reach: without them the other profile could not be had either.
    """
    asked: dict[str, HubSource] = {}
    for file in files:
        source = file.sources[0]
        if isinstance(source, HubSource):
            asked.setdefault(source.repo, source)
    return next(filter(None, map(objection, asked.values())), None)
