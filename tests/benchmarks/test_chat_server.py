from __future__ import annotations

import pytest

from benchmarks import chat_server
from benchmarks.chat_server import ChatServer
from models.store import ModelStore


def test_a_server_that_is_not_waited_for_is_killed(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody leaves a block that was never entered."""
    monkeypatch.setattr(chat_server, "_READY_WITHIN_S", 0.0)
    server = ChatServer(store.files("smollm2-135m")["model"])
    with pytest.raises(AssertionError, match="does not listen"):
        server.__enter__()
    assert server._process.poll() is not None
