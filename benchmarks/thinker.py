"""Thinker benchmark: a model file in; its memory, speed and saved states out.

Without `--model` it takes lfm2-1.2b where that is in the cache, else a file of the same shape with
random weights (see `benchmarks.lfm2_shape`), and says so. Everything runs through the engine that
the thinker uses, in a process that imports what the thinker's worker imports for it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.thinker_history import measure_history, measure_long
from benchmarks.thinker_turns import measure_turns
from config.load import load_settings
from config.settings import Settings
from models.errors import ModelMissing
from models.llama import LlamaModel
from models.llama_sampling import Sampler
from models.protocols import Float32Array, Sampling
from models.store import open_store

_ROOT: Final = Path(__file__).resolve().parent.parent
_RESIDENT: Final = "lfm2-1.2b"
_DECODED: Final = 48
_STATE_TOKENS: Final = 500
_LAST_WORDS_TOKENS: Final = 10
_REPEATS: Final = 5
_BUSY: Final = """
import os, time
os.nice(19)
while True:
    end = time.monotonic() + 0.005
    while time.monotonic() < end: pass
    time.sleep(0.005)
"""
"""Another program of the house: niced, half a core."""

_PARTS: Final = ("speed", "states", "turns", "history", "minds", "long")

_BARS: Final = {
    "resident_mb": ("<=", 870.0),
    "prefill_64_tok_s": (">=", 100.0),
    "decode_tok_s": (">=", 25.0),
    "restore_ms": ("<=", 5.0),
    "first_token_after_candidate_ms": ("<=", 150.0),
    "first_token_20_to_0_turns": ("<=", 1.3),
    "three_passes_to_one": (">=", 2.5),
}


class Unending:
    """Draws like the thinker, but never the end of the answer."""

    def __init__(self, model: LlamaModel) -> None:
        self._sampler = Sampler(_sampling())
        self._model = model

    def choose(self, logits: Float32Array, tokens: Sequence[int]) -> int:
        """Return the sampler's token, or any other where it is an end."""
        token = self._sampler.choose(logits, tokens)
        vocabulary = self._model.vocabulary
        return vocabulary.any_token if vocabulary.ends(token) else token


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="bench thinker", description=__doc__)
    parser.add_argument("--model", help="id or path of a GGUF")
    parser.add_argument(
        "--set", action="append", default=[], metavar="K=V", help="a setting: thinker.threads=1"
    )
    parser.add_argument("--only", choices=_PARTS, help="one part")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    path, random = _chosen(arguments.model)
    settings = load_settings("default", assignments=arguments.set)
    begin = time.monotonic()
    model = LlamaModel(path, settings.thinker)
    figures: dict[str, Any] = {
        "model": path.name,
        "random_weights": random,
        "threads": settings.thinker.threads,
        "load_s": time.monotonic() - begin,
    }
    figures |= _memory()
    if arguments.only in (None, "speed"):
        figures |= _speed(model)
    if arguments.only in (None, "states"):
        figures |= _states(model)
    if arguments.only in (None, "turns"):
        figures |= measure_turns(model, path, settings)
    figures |= {f"{name}_at_the_end": value for name, value in _memory().items()}
    model.close()
    figures |= _conversations(arguments.only, path, settings, random=random)
    print(json.dumps(figures) if arguments.json else _table(figures))
    return 0


def _conversations(
    only: str | None, path: Path, settings: Settings, *, random: bool
) -> dict[str, Any]:
    """Measure what takes a whole thinker, with a model of its own."""
    figures: dict[str, Any] = {}
    if only in (None, "history"):
        figures |= measure_history(path, settings)
    if only in (None, "minds"):
        from benchmarks.thinker_minds import measure_minds  # noqa: PLC0415 - 11 MB, else counted

        figures |= measure_minds(path, settings, random=random)
    if only == "long":
        figures |= measure_long(path, settings)
    return figures


def _chosen(asked: str | None) -> tuple[Path, bool]:
    """Return the file to measure, and whether its weights are random."""
    store = open_store()
    if asked is not None:
        return store.resolve(asked)["model"], False
    try:
        return store.files(_RESIDENT)["model"], False
    except ModelMissing:
        # In a process of its own: writing needs packages whose memory would be counted here.
        command = [sys.executable, "-m", "benchmarks.lfm2_shape"]
        done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
        return Path(done.stdout.strip()), True


def _speed(model: LlamaModel) -> dict[str, float]:
    found: dict[str, float] = {}
    for count in (16, 64, 256):
        times_s = [_timed_read(model, count) for _ in range(_REPEATS)]
        found[f"prefill_{count}_tok_s"] = count / statistics.median(times_s)
    steps_s = _timed_steps(model)
    found["decode_tok_s"] = 1 / statistics.median(steps_s)
    with _busy_neighbour():
        busy_s = _timed_steps(model)
    found["decode_beside_busy_tok_s"] = len(busy_s) / sum(busy_s)
    found["slowest_token_beside_busy_ms"] = max(busy_s) * 1e3
    return found


def _timed_read(model: LlamaModel, count: int) -> float:
    model.restore(None)
    begin = time.monotonic()
    _read(model, count)
    return time.monotonic() - begin


def _timed_steps(model: LlamaModel) -> list[float]:
    """Return the seconds of each token, draw included, after 64 read."""
    model.restore(None)
    _read(model, 64)
    steps_s, begin = [], time.monotonic()
    for _ in model.answer(Unending(model), _DECODED):
        now = time.monotonic()
        steps_s.append(now - begin)
        begin = now
    return steps_s[1:]


def _states(model: LlamaModel) -> dict[str, Any]:
    """Save 500 tokens, go on, come back, go on again."""
    model.restore(None)
    _read(model, _STATE_TOKENS)
    begin = time.monotonic()
    state = model.save()
    save_s = time.monotonic() - begin
    first = _continued(model)
    restore_s = []
    for _ in range(_REPEATS):
        begin = time.monotonic()
        model.restore(state)
        restore_s.append(time.monotonic() - begin)
    again = _continued(model)
    model.restore(state)
    begin = time.monotonic()
    _read(model, _LAST_WORDS_TOKENS)
    next(iter(model.generate(_sampling())))
    return {
        "last_words_to_first_token_ms": (time.monotonic() - begin) * 1e3,
        "state_mb": len(state.data) / 1e6,
        "save_ms": save_s * 1e3,
        "restore_ms": statistics.median(restore_s) * 1e3,
        "continuation_identical": first == again,
    }


def _continued(model: LlamaModel) -> list[str | None]:
    return list(model.answer(Unending(model), 16))


def _read(model: LlamaModel, count: int) -> None:
    """Read `count` tokens of no meaning, the same each time."""
    for _ in model.read([(at * 7_919) % 40_000 + 100 for at in range(count)]):
        pass


def _sampling() -> Sampling:
    return Sampling(
        temperature=0.3, top_p=0.95, min_p=0.15, repeat_penalty=1.05, seed=1, most_tokens=_DECODED
    )


@contextmanager
def _busy_neighbour() -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", _BUSY]) as neighbour:
        try:
            yield
        finally:
            neighbour.kill()


def _memory() -> dict[str, float]:
    """Return this process's proportional set size and its highest resident size, in MB."""
    rollup = _fields(Path("/proc/self/smaps_rollup"))
    status = _fields(Path("/proc/self/status"))
    return {"resident_mb": rollup["Pss"] * 1024 / 1e6, "peak_mb": status["VmHWM"] * 1024 / 1e6}


def _fields(path: Path) -> dict[str, int]:
    """Return the kB of each line."""
    lines = (line.split() for line in path.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines if words[-1:] == ["kB"]}


def _table(figures: dict[str, Any]) -> str:
    lines = []
    if figures["random_weights"]:
        lines.append("Random weights in LFM2-1.2B's shape: speed and memory only, no words.")
    for name, value in figures.items():
        sign, bar = _BARS.get(name, ("", 0.0))
        wanted = f"   (bar {sign} {bar:g})" if sign else ""
        shown = f"{value:,.1f}" if isinstance(value, float) else str(value)
        lines.append(f"{name:34} {shown}{wanted}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
