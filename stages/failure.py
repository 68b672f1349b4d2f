"""What ended a worker: an exception in; an exit code and one line for the user out."""

from __future__ import annotations

from config.load import ConfigError
from models.errors import CacheUnusable, ModelDamaged, ModelError, ModelMissing, UnknownModel
from stages.sound import SoundError


def exit_code_of(failure: Exception) -> int:
    """Return the exit code that tells the supervisor whether to try again."""
    if isinstance(failure, SoundError | ConfigError | UnknownModel):
        return 2
    if isinstance(failure, ModelMissing | ModelDamaged | CacheUnusable):
        return 3
    return 1


def sentence_of(failure: Exception) -> str:
    """Return one line: what we raise ourselves is one, the rest gets its name in front."""
    if isinstance(failure, SoundError | ConfigError | ModelError):
        return str(failure)
    return f"{type(failure).__name__}: {failure}".splitlines()[0]
