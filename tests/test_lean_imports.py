"""What a process must not load for its own work: each of these takes 8 to 40 MB."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ENGINES = {"onnxruntime", "onnx", "llama_cpp", "structlog"}


@pytest.mark.parametrize(
    ("modules", "unwanted"),
    [
        ("bus.hub", {*ENGINES, "numpy"}),
        ("supervisor.ask", {*ENGINES, "numpy"}),
        ("stages.worker, stages.playback", ENGINES),
        ("stages.worker, stages.thinker", ENGINES - {"llama_cpp"}),
        ("stages.worker, stages.listening", {"onnx", "llama_cpp", "structlog", "scipy"}),
        ("stages.worker, stages.encoder", {"onnx", "llama_cpp", "structlog", "scipy"}),
        ("stages.worker, stages.talker", {"onnx", "llama_cpp", "structlog", "scipy"}),
    ],
)
def test_a_process_loads_no_engine_of_others(modules: str, unwanted: set[str]) -> None:
    """Successors, which share nothing, hold what they import all day."""
    program = f"import sys, {modules}; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not unwanted & set(done.stdout.split())


def test_opening_empty_notes_loads_no_model(tmp_path: Path) -> None:
    """The thinker looks into them with what the encoder makes of each sentence."""
    program = (
        "import sys; from config.load import load_settings; from models.notes import open_notes; "
        "notes = open_notes(load_settings('default')); "
        "print(notes._shelf.vectors.are_of('use-multilingual-v3'), 'onnxruntime' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "SARAI_DATA": str(tmp_path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["True", "False"]
