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


def open_state_files(
    settings: Settings, runtime: Path | None
) -> tuple[StateFiles, StateFiles | None]:
    """Return where states of `thinker.model` are kept from one start to the next, and for an heir.

    runtime: the folder that goes with the daemon; there a thinker leaves the states of its
    conversation, which hold what was said, to its successor. None: there is none.
    Raises ModelMissing, ModelDamaged, UnknownModel.
    """
    store = open_store()
    model = store.resolve(settings.thinker.model)["model"]
    lasting = StateFiles(store.root / "states", model, settings.thinker)
    if runtime is None:
        return lasting, None
    most_files = len(settings.daemon.languages)
    return lasting, StateFiles(runtime / "states", model, settings.thinker, most_files)
