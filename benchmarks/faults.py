"""Faults done to the running daemon in, a table of what they cost out.

Each fault hits a process at a random moment of a turn in real time. What counts is what a user
would notice: whether every turn was answered, whether anything was said twice or left out (the
room's sound is written down and compared with a run without faults), and how much later it came.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.fault_runs import ROOT, VICTIMS, Fault, FaultRun, Plan, run_with_faults
from benchmarks.figures import lines_of
from benchmarks.turn_daemon import SCRIPTS, stand_ins
from benchmarks.turn_room import Listener, last_sound_s
from benchmarks.word_error_rate import error_rate, word_errors
from models.store import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

_RECORDING: Final = ROOT / "tests" / "recordings" / "question_en.wav"
_GAP_S: Final = 1.0


def main(argv: Sequence[str] | None = None) -> int:
    """Do faults and print what they cost; return 0 if no turn was lost."""
    parser = argparse.ArgumentParser(prog="bench faults", description=__doc__)
    parser.add_argument("--victim", action="append", choices=VICTIMS, help="default: all")
    parser.add_argument("--fault", default="kill", choices=("kill", "stop", "slow"))
    parser.add_argument("--turns", type=int, default=20, help="for each victim")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", default="default")
    parser.add_argument("--set", action="append", default=[], metavar="K=V", help="a setting")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    script = SCRIPTS["en"] if arguments.profile == "default" else None
    settings = (*(stand_ins(open_store(), script) if script else ()), *arguments.set)
    with tempfile.TemporaryDirectory() as folder:
        figures = _figures(arguments, settings, Path(folder))
    out = json.dumps(figures) if arguments.json else "\n".join(lines_of(figures))
    sys.stdout.write(f"{out}\n")
    lost = sum(each["turns"] - each["answered"] for each in figures.values())
    return 1 if lost else 0


def _figures(
    arguments: argparse.Namespace, settings: Sequence[str], folder: Path
) -> dict[str, dict[str, Any]]:
    listener = Listener()

    def run(victim: str, fault: Fault, turn_s: float) -> FaultRun:
        plan = Plan(victim, fault, turn_s, arguments.seed)
        recordings = [_RECORDING] * arguments.turns
        return run_with_faults(recordings, folder, settings, arguments.profile, plan)

    usual = run("none", "none", 0.0)
    turn_s = statistics.median(_lasted_s(usual))
    wanted = {"transcript": usual.report["turns"][0]["transcript"]}
    figures = {"no fault": _row(usual, usual, listener, arguments.turns)}
    for victim in arguments.victim or VICTIMS:
        hit = run(victim, arguments.fault, turn_s)
        figures[f"{arguments.fault} {victim}"] = _row(hit, usual, listener, arguments.turns)
    figures["no fault"] |= wanted
    return figures


def _row(run: FaultRun, usual: FaultRun, listener: Listener, turns: int) -> dict[str, Any]:
    """Return what a user would have noticed of a run."""
    known = run.report.get("turns", [])
    waits_ms = [turn["voice_to_voice_ms"] for turn in known if turn["voice_to_voice_ms"]]
    usual_ms = [turn["voice_to_voice_ms"] for turn in usual.report["turns"]]
    ends_s, usual_ends_s = _answer_lengths_s(run), _answer_lengths_s(usual)
    errors = [
        word_errors(turn["answer"], heard, turn["language"])
        for turn, heard in zip(known, _said(run, listener), strict=True)
    ]
    workers = run.report.get("workers", {})
    return {
        "turns": turns,
        "answered": sum(turn["heard"] == turn["answer"] != "" for turn in known),
        "faults": run.faults,
        "restarts": sum(worker["restarts"] for worker in workers.values()),
        "later_ms": _median(waits_ms) - _median(usual_ms),
        "longer_ms": 1000 * (_median(ends_s) - _median(usual_ends_s)),
        "worst_wait_ms": max(waits_ms, default=0.0),
        "said_wrong_percent": round(100 * error_rate(errors), 1) if errors else None,
        "exit_code": run.exit_code,
    }


def _lasted_s(run: FaultRun) -> list[float]:
    """Return how long each turn took from the beginning of its file to the end of its answer."""
    begins = [0.0, *(end + _GAP_S for end in _ends_s(run))]
    return [end - begin for begin, end in zip(begins, _ends_s(run), strict=False)]


def _ends_s(run: FaultRun) -> list[float]:
    """Return when each answer ended in the room."""
    turns = run.report.get("turns", [])
    firsts = [turn["first_sound_s"] for turn in turns]
    untils = [*firsts[1:], len(run.room) / 16_000]
    pairs = zip(firsts, untils, strict=True)
    found = (last_sound_s(run.room, first, until - 0.05) for first, until in pairs if first)
    return [end for end in found if end is not None]


def _answer_lengths_s(run: FaultRun) -> list[float]:
    firsts = [turn["first_sound_s"] for turn in run.report.get("turns", [])]
    return [end - first for first, end in zip(firsts, _ends_s(run), strict=False) if first]


def _said(run: FaultRun, listener: Listener) -> list[str]:
    """Return what was heard in the room of each answer."""
    turns = run.report.get("turns", [])
    untils = [turn["first_sound_s"] for turn in turns[1:]] + [len(run.room) / 16_000]
    return [
        listener.words(run.room, turn["first_sound_s"] or 0.0, (until or 0.0) - 0.2, "en")
        if turn["first_sound_s"]
        else ""
        for turn, until in zip(turns, untils, strict=True)
    ]


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 1) if values else 0.0


if __name__ == "__main__":
    sys.exit(main())
