"""Specialists as they run: real processes, a real server, a real model."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from benchmarks.chat_server import ChatServer
from config.load import load_settings
from models.pool.errors import SpecialistFailed, SpecialistRefused
from models.pool.messages import Chat
from models.pool.pool import Pool
from models.protocols import ChatMessage
from models.store import ModelStore
from supervisor.memory import pss_mb
from tests.models.pool.relay import Relay

QUESTION = Chat((ChatMessage("user", "Tell me a long story about the sea."),))


@pytest.fixture(scope="module")
def server(store: ModelStore) -> Iterator[ChatServer]:
    with ChatServer(store.files("smollm2-135m")["model"]) as running:
        yield running


def pool_of(url: str, *options: str, free_mb: float = 10_000) -> Pool:
    settings = load_settings(
        "tiny",
        None,
        [
            "pool.expert=true",
            f"pool.server.url={url}",
            "pool.specialists.server.model=m",
            "pool.specialists.server.load_s=60",  # a busy machine is no failure
            "pool.specialists.server.first_ms=60_000",
            "pool.specialists.server.between_ms=60_000",
            *options,
        ],
    )
    return Pool(settings, free=lambda: free_mb)


def words(pieces: Iterator[str | None]) -> list[str]:
    return [piece for piece in pieces if piece]


def test_a_server_answers_and_is_let_go(server: ChatServer) -> None:
    """Its words come in pieces; after its time to live the process is gone."""
    pool = pool_of(server.url, "pool.most_tokens=12", "pool.specialists.server.ttl_s=1")
    said = words(pool.answer("server", QUESTION))
    assert 1 < len(said) <= 12
    pid = pool.pids["server"]
    pool.tend()
    assert pool.pids == {"server": pid}
    tend_until_empty(pool)
    assert not psutil.pid_exists(pid)


def test_one_left_in_the_middle_answers_the_next_question(server: ChatServer) -> None:
    """Nothing of the old answer is taken for the new one, and the process stays."""
    pool = pool_of(server.url, "pool.most_tokens=12")
    first = words(pool.answer("server", QUESTION))
    left = pool.answer("server", QUESTION)
    next(piece for piece in left if piece)
    pid = pool.pids["server"]
    left.close()
    again = words(pool.answer("server", QUESTION))
    pool.close()
    assert len(again) > 1
    assert len(first) > 1
    assert pool.pids == {}
    assert not psutil.pid_exists(pid)


def test_one_left_before_its_first_word_keeps_no_other_waiting(server: ChatServer) -> None:
    """Its process would wait for the server for ever; a new one answers, and none has failed."""
    with Relay(server.url, silent=1) as relay:
        pool = pool_of(relay.url, "pool.most_tokens=12", "pool.breaker.failures=1")
        left = pool.answer("server", QUESTION)
        while not relay.taken:
            next(left)
        pid = pool.pids["server"]
        left.close()
        assert pool.pids == {}
        assert not psutil.pid_exists(pid)
        assert words(pool.answer("server", QUESTION))
        pool.close()


def test_one_left_while_it_loads_goes_on_loading(server: ChatServer) -> None:
    """The question is not even asked; the next one finds it loaded."""
    with Relay(server.url) as relay:
        pool = pool_of(relay.url, "pool.most_tokens=12")
        left = pool.answer("server", QUESTION)
        next(left)
        loading = pool.pids
        left.close()
        assert words(pool.answer("server", QUESTION))
        assert pool.pids == loading
        assert relay.taken == 1
        pool.close()


def test_a_process_that_dies_is_told_of(server: ChatServer) -> None:
    """In the middle of its words; the next question gets a new one."""
    pool = pool_of(server.url, "pool.most_tokens=12")
    pieces = pool.answer("server", QUESTION)
    next(piece for piece in pieces if piece)
    psutil.Process(pool.pids["server"]).kill()
    with pytest.raises(SpecialistFailed, match="its process has ended"):
        words(pieces)
    assert words(pool.answer("server", QUESTION))
    pool.close()


def test_no_memory_no_specialist(server: ChatServer) -> None:
    """Refused before anything is started."""
    pool = pool_of(server.url, free_mb=100)
    with pytest.raises(SpecialistRefused, match="server takes 45 MB and 100 MB are free"):
        words(pool.answer("server", QUESTION))
    assert pool.pids == {}


def test_a_specialist_dies_with_the_thinker(server: ChatServer) -> None:
    """Even when it is killed."""
    program = (
        "import sys\n"
        "from tests.models.pool.test_process import pool_of\n"
        "pool = pool_of(sys.argv[1])\n"
        "pool.want('server')\n"
        "print(pool.pids['server'], flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, server.url], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3],
    ) as thinker:  # fmt: skip
        assert thinker.stdout is not None
        specialist = psutil.Process(int(thinker.stdout.readline()))
        thinker.kill()
        specialist.wait(timeout=10)


def test_a_server_that_stalls_or_is_not_there_is_left_alone() -> None:
    """Given up after its time; after three in a row it is not even asked."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        pool = pool_of(url, "pool.specialists.server.first_ms=200")
        with pytest.raises(SpecialistFailed, match=r"nothing came for 0\.2 s"):
            words(pool.answer("server", QUESTION))
    for _ in range(2):
        with pytest.raises(SpecialistFailed, match="is the server running"):
            words(pool.answer("server", QUESTION))
    with pytest.raises(SpecialistFailed, match="left alone"):
        words(pool.answer("server", QUESTION))
    assert pool.pids == {}


def test_a_model_of_its_own_comes_and_goes(store: ModelStore) -> None:
    """It answers in a process of its own; when that is unloaded its memory is free again."""
    settings = load_settings(
        "tiny",
        None,
        [
            "pool.expert=true", "pool.specialists.local.model=smollm2-135m", "pool.most_tokens=8",
            "pool.specialists.local.load_s=60", "pool.specialists.local.ttl_s=1",
            "pool.specialists.local.first_ms=60_000", "pool.specialists.local.between_ms=60_000",
        ],
    )  # fmt: skip
    pool = Pool(settings, free=lambda: 10_000)
    before_mb = family_mb()
    assert 1 < len(words(pool.answer("local", QUESTION))) <= 8
    assert family_mb() - before_mb > store.files("smollm2-135m")["model"].stat().st_size / 1e6
    tend_until_empty(pool)
    assert family_mb() - before_mb < 30


def tend_until_empty(pool: Pool) -> None:
    deadline_s = time.monotonic() + 30
    while pool.pids:
        assert time.monotonic() < deadline_s, "a specialist outlived its time"
        time.sleep(0.05)
        pool.tend()


def family_mb() -> float:
    """Return the PSS of this process and those below it."""
    own = psutil.Process()
    return sum(pss_mb(each.pid) or 0.0 for each in (own, *own.children(recursive=True)))


def test_a_server_killed_in_the_middle(store: ModelStore) -> None:
    """Its words so far came, and then the reason why there are no more."""
    with ChatServer(store.files("smollm2-135m")["model"]) as server:
        pool = pool_of(server.url, "pool.most_tokens=400")
        pieces = pool.answer("server", QUESTION)
        next(piece for piece in pieces if piece)
        server.kill()
        with pytest.raises(SpecialistFailed, match=r"server: http://127"):
            words(pieces)
    pool.close()
