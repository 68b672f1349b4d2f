from __future__ import annotations

import pytest

from config.load import load_settings
from models.pool.choice import able, experts

SERVER = ("pool.server.url=http://localhost:1/v1", "pool.specialists.server.model=m")
LOCAL = ("pool.specialists.local.model=m.gguf",)


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ((*SERVER, *LOCAL), ()),
        (("pool.expert=true",), ()),
        (("pool.expert=true", *SERVER, *LOCAL), ("server", "local")),
        (("pool.expert=true", "pool.prefer=local", *SERVER, *LOCAL), ("local", "server")),
        (("pool.expert=true", "pool.prefer=local", *SERVER), ("server",)),
        (("pool.expert=true", *LOCAL), ("local",)),
        (("pool.expert=true", "pool.specialists.server.model=m"), ()),
    ],
)
def test_who_is_asked(options: tuple[str, ...], asked: tuple[str, ...]) -> None:
    """Nobody by default; the preferred one first; one without model or address is not there."""
    assert experts(load_settings("tiny", None, options).pool) == asked


def test_other_kinds_need_no_expert() -> None:
    """They leave nothing out of the house."""
    pool = load_settings("tiny", None, ["pool.specialists.vision.model=v"]).pool
    assert able(pool, "vision") == ("vision",)
    assert able(pool, "translation") == ()
