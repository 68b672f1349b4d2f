"""Settings in, the language model they ask for out."""

from __future__ import annotations

from config.settings import Settings
from models.llama import LlamaModel
from models.scripted import ScriptedModel
from models.store import open_store


def open_language_model(settings: Settings) -> LlamaModel | ScriptedModel:
    """Load `thinker.model`, bound to `thinker.script` where there is one; takes a second.

    Raises ModelMissing, ModelDamaged, UnknownModel, EngineFailed.
    """
    path = open_store().resolve(settings.thinker.model)["model"]
    model = LlamaModel(path, settings.thinker)
    return ScriptedModel(model, settings.thinker.script) if settings.thinker.script else model
