from __future__ import annotations

import importlib.util

import pytest

from bus.routes import STAGES
from config.command_line import BENCHES, REPLAYED, read_command_line
from run_pipeline import COMMANDS


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["ask", "a.wav"],
        ["replay", "a.frames"],
        ["models", "list"],
        ["remember", "--text", "a fact"],
        ["recall", "a", "question"],
        ["forget", "1"],
        ["doctor"],
        ["bench", "idle", "--profile", "tiny"],
    ],
)
def test_each_command_has_its_function(words: list[str]) -> None:
    """The grammar names it, run_pipeline.py carries it out."""
    assert read_command_line(words).command in COMMANDS


def test_no_function_is_out_of_reach(capsys: pytest.CaptureFixture[str]) -> None:
    """Every command is in the help."""
    with pytest.raises(SystemExit):
        read_command_line(["--help"])
    named = capsys.readouterr().out.split()
    assert set(COMMANDS) <= set(named)


def test_every_stage_can_be_replayed() -> None:
    """The grammar may not import the bus, so it has a list of its own."""
    assert REPLAYED == STAGES


def test_every_bench_is_there() -> None:
    """Each is a module of benchmarks/."""
    assert all(importlib.util.find_spec(f"benchmarks.{name}") for name in BENCHES)
