from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load_settings
from config.settings import Settings
from models.catalogue import load_catalogue
from models.store import ModelStore, default_root


@pytest.fixture(scope="session")
def store() -> ModelStore:
    """Return the cache, with what `models fetch --profile tiny` has put there."""
    return ModelStore(default_root(), load_catalogue())


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Return the settings of the smallest profile."""
    return load_settings("tiny")


@pytest.fixture(scope="session")
def silero_model(store: ModelStore) -> Path:
    """Return the graph of the voice activity detector."""
    return store.files("silero-vad")["model"]


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Return the folder of shipped recordings."""
    return Path(__file__).parent / "recordings"
