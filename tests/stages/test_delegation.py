"""A thinker that asks an expert: a real server, real models, the real encoder of sentences."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import pytest

from benchmarks.chat_server import ChatServer
from bus.frames import AnyFrame, Clause, Transcript
from config.load import load_settings
from config.settings import Settings
from models.sentence_encoder import SentenceEncoder, open_sentence_encoder
from models.store import ModelStore
from stages.clause_ends import ends_sentence
from stages.thinker import Thinker
from tests.models.pool.tiny_vision import write_picture, write_tiny_projector
from tests.stages.thinking import Worker, closed, transcript

QUESTION: Final = "Can you explain how black holes form?"
PRIVATE: Final = "Can you explain how my pension works?"


@pytest.fixture(scope="module")
def encoder(settings: Settings, store: ModelStore) -> SentenceEncoder:
    opened = open_sentence_encoder(settings, store)
    assert opened is not None
    return opened


@pytest.fixture(scope="module")
def server(store: ModelStore) -> Iterator[ChatServer]:
    with ChatServer(store.files("smollm2-135m")["model"]) as running:
        yield running


def opened(url: str, *options: str) -> Thinker:
    """Return a thinker that may ask the server at `url`, and looks at no notes."""
    chosen = [
        "memory.look_up=false", "thinker.most_tokens=24", "pool.most_tokens=48",
        "pool.expert=true", f"pool.server.url={url}", "pool.specialists.server.model=m",
        "pool.specialists.server.first_ms=60_000", "pool.specialists.server.between_ms=60_000",
        "pool.specialists.server.load_s=60",
        *options,
    ]  # fmt: skip
    thinker = Thinker(load_settings("tiny", None, chosen))
    thinker.open()
    return thinker


def heard(encoder: SentenceEncoder, text: str, state: str = "final") -> Transcript:
    latent = tuple(map(float, encoder.embed(text)))
    return msgspec.structs.replace(transcript(text, state), latent=latent)


def asked(thinker: Thinker) -> bool:
    """Return whether a specialist's process is there."""
    pool = thinker._opened.pool
    assert pool is not None
    return bool(pool.pids)


def a_clause(sent: Sequence[AnyFrame], _steps: int) -> bool:
    return any(isinstance(frame, Clause) for frame in sent)


def test_an_expert_answers_what_asks_for_knowledge(
    server: ChatServer, encoder: SentenceEncoder
) -> None:
    """And nothing that is private; whom it asks it lets go at the end."""
    thinker = opened(server.url)
    worker = Worker(thinker)
    worker.give(heard(encoder, PRIVATE))
    assert worker.clauses()
    assert not asked(thinker)
    worker.give(closed())
    worker.sent.clear()
    worker.give(heard(encoder, QUESTION))
    assert any(worker.clauses())
    assert asked(thinker)
    thinker.close()


def test_nothing_leaves_the_house_before_the_words_are_certain(encoder: SentenceEncoder) -> None:
    """A pause may be in the middle of what makes a question private."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thinker = opened(
            f"http://127.0.0.1:{listening.getsockname()[1]}/v1",
            "pool.specialists.server.first_ms=400",
        )
        worker = Worker(thinker)
        worker.give(heard(encoder, QUESTION, "candidate"))
        assert asked(thinker)
        assert worker.sent == []
        listening.settimeout(1)
        with pytest.raises(TimeoutError):
            listening.accept()
        worker.give(heard(encoder, QUESTION))
        listening.accept()[0].close()
    assert any(worker.clauses())
    thinker.close()


def test_the_model_ends_what_an_expert_began(store: ModelStore, encoder: SentenceEncoder) -> None:
    """What was said stays said; the sentence is ended."""
    with ChatServer(store.files("smollm2-135m")["model"]) as server:
        thinker = opened(server.url, "pool.most_tokens=800", "thinker.most_tokens=120")
        worker = Worker(thinker)
        frame = heard(encoder, QUESTION)
        worker.give(frame, until=a_clause)
        (first,) = worker.sent
        server.kill()
        worker.give(frame)
    assert worker.sent[0] is first
    assert len(worker.clauses()) > 1
    assert ends_sentence([clause for clause in worker.clauses() if clause][-1])
    assert not asked(thinker)
    thinker.close()


def test_without_memory_the_model_says_so_and_answers(encoder: SentenceEncoder) -> None:
    """A line first, in the language of the question."""
    thinker = opened("http://127.0.0.1:1/v1", "pool.memory_mb=10")
    worker = Worker(thinker)
    worker.give(heard(encoder, QUESTION))
    line, *rest = worker.clauses()
    assert line.startswith("There is no memory free for the expert now")
    assert any(rest)
    thinker.close()


def test_a_server_that_is_not_there_costs_no_answer(encoder: SentenceEncoder) -> None:
    """Nor a word about it."""
    thinker = opened("http://127.0.0.1:1/v1")
    worker = Worker(thinker)
    worker.give(heard(encoder, QUESTION))
    assert any(worker.clauses())
    assert "expert" not in worker.clauses()[0]
    thinker.close()


def test_what_is_seen_is_asked_of_who_can_look(
    store: ModelStore, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    """A picture, the real engine; without a picture a line says so, and nothing is invented."""
    model = tmp_path / "model.gguf"
    model.symlink_to(store.files("smollm2-135m")["model"])
    write_tiny_projector(tmp_path / "mmproj-tiny.gguf")
    picture = write_picture(tmp_path / "red.png", 250)
    thinker = opened(
        "", f"pool.specialists.vision.model={model}", f"pool.image={picture}",
        "pool.specialists.vision.context_tokens=512", "pool.specialists.vision.load_s=100",
        "pool.specialists.vision.between_ms=60_000", "pool.most_tokens=8",
    )  # fmt: skip
    worker = Worker(thinker)
    worker.give(heard(encoder, "What do you see in this picture?"))
    assert any(worker.clauses())
    assert worker.clauses() != ["I cannot see anything now."]
    worker.give(closed())
    worker.sent.clear()
    picture.unlink()
    worker.give(heard(encoder, "What do you see in this picture?"))
    assert worker.clauses() == ["I cannot see anything now."]
    thinker.close()
