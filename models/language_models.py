"""Settings in, the language model they ask for out."""

from __future__ import annotations

from pathlib import Path

from config.settings import Settings
from models.llama import LlamaModel
from models.scripted import ScriptedModel
from models.state_files import StateFiles
from models.store import open_store


def open_language_model(settings: Settings) -> LlamaModel | ScriptedModel:
    """Load `thinker.model`, bound to `thinker.script` where there is one; takes a second.

    Raises ModelMissing, ModelDamaged, UnknownModel, EngineFailed.
    """
    path = open_store().resolve(settings.thinker.model)["model"]
    model = LlamaModel(path, settings.thinker)
    return ScriptedModel(model, settings.thinker.script) if settings.thinker.script else model


def open_state_files(settings: Settings) -> StateFiles:
    """Return where states of `thinker.model` are kept from one start to the next.

    Raises ModelMissing, ModelDamaged, UnknownModel.
    """
    store = open_store()
    model = store.resolve(settings.thinker.model)["model"]
    return StateFiles(store.root / "states", model, settings.thinker)


def open_legacy(settings: Settings, runtime: Path | None) -> StateFiles | None:
    """Return where a thinker leaves its conversation's states to its successor.

    In the runtime folder, which goes with the daemon: the states hold what was said. None: there
    is no such folder, nor a successor.
    Raises ModelMissing, ModelDamaged, UnknownModel.
    """
    if runtime is None:
        return None
    model = open_store().resolve(settings.thinker.model)["model"]
    most_files = len(settings.daemon.languages)
    return StateFiles(runtime / "states", model, settings.thinker, most_files)
