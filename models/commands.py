"""A store and model ids in, lines of text and an exit code out: `models list|fetch|verify`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from models.errors import ModelDamaged, ModelError, ModelMissing, UnknownModel
from models.fetch import Fetched, fetch
from models.progress import Progress
from models.store import ModelStore

DONE: Final = 0
BAD_USAGE: Final = 2
NOT_THERE: Final = 3

_MB: Final = 1_000_000


def list_models(store: ModelStore, write: Callable[[str], None]) -> int:
    """Write a line for each model of the catalogue. Returns an exit code, always 0."""
    models = store.catalogue.models
    width = max(map(len, models))
    for name, model in models.items():
        state = _state(store, name)
        megabytes = max(1, round(model.size_bytes / _MB))
        write(f"{name:{width}}  {state:7}  {megabytes:4} MB  {model.about}; {model.licence}")
    write(f"cache: {store.root}")
    return DONE


def _state(store: ModelStore, name: str) -> str:
    try:
        store.files(name)
    except ModelMissing:
        return "absent"
    except ModelDamaged:
        return "damaged"
    return "here"


def fetch_models(
    store: ModelStore,
    model_ids: Sequence[str],
    progress: Progress,
    write: Callable[[str], None],
    complain: Callable[[str], None],
) -> int:
    """Fetch what the store lacks of the models and write who served each.

    complain: takes the one line that explains another exit code than 0.
    Returns 0; 2 for a name that is not in the catalogue; 3 when a model could not be had.
    """
    try:
        for name in model_ids:
            store.catalogue.model(name)
        for name in model_ids:
            for line in _served(name, fetch([name], store, progress, complain)):
                write(line)
    except UnknownModel as error:
        complain(str(error))
        return BAD_USAGE
    except ModelError as error:
        complain(str(error))
        return NOT_THERE
    return DONE


def _served(name: str, files: Sequence[Fetched]) -> list[str]:
    fresh = [file for file in files if file.source]
    if not fresh:
        return [f"{name}: in the cache"]
    sources = ", ".join(dict.fromkeys(file.source for file in fresh))
    megabytes = max(1, round(sum(file.size_bytes for file in fresh) / _MB))
    return [f"{name}: {megabytes} MB from {sources}"] + [
        f"{name}: {file.file} was believed unseen; from now on it must have this SHA-256"
        for file in fresh
        if file.pinned
    ]


def verify_models(
    store: ModelStore,
    model_ids: Sequence[str],
    write: Callable[[str], None],
    complain: Callable[[str], None],
) -> int:
    """Hash the files of the models; without ids, of all that are in the store.

    Returns 0; 2 for a name that is not in the catalogue; 3 when a file is absent or damaged.
    """
    named = model_ids or [
        name for name in store.catalogue.models if _state(store, name) != "absent"
    ]
    code = DONE
    for name in named:
        try:
            store.verify(name)
        except UnknownModel as error:
            complain(str(error))
            return BAD_USAGE
        except ModelError as error:
            complain(str(error))
            code = NOT_THERE
        else:
            write(f"{name}: whole")
    if not named:
        write("no model is in the cache; fetch some with: python run_pipeline.py models fetch")
    return code
