"""A turn that nobody records in; the files and lines in which anything of it is left out."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import soundfile as sf  # type: ignore[import-untyped]

from benchmarks.fault_house import RECORDING, ROOT, House, Scene, seen
from benchmarks.figures import Figures
from bus.frames import AnyFrame, Clause, Played, SpeechChunk, Transcript
from models.store import default_root
from supervisor.conversations import memory_place

_TAIL_S: Final = 12
"""Silence behind the question: the daemon lives on when the turn is over."""
_PROBE_SAMPLES: Final = 64
_HISTORY: Final = "history"
"""Of the runtime folder: what was said, in memory, as long as the daemon lives."""
_KEPT_H: Final = {"after a turn": 12, "after a turn, nothing kept": 0}
"""How long a conversation outlives the daemon."""


def measure(scene: Scene) -> Figures:
    """Search what was written: with conversations that are kept, and without."""
    return {name: _row(scene, hours) for name, hours in _KEPT_H.items()}


def _row(scene: Scene, hours: int) -> Figures:
    """Search while the daemon lives, and when it has ended.

    A trace may be found in memory alone, where conversations are kept.
    """
    home = scene.folder / f"home-{hours}"
    home.mkdir(parents=True)
    samples, rate = sf.read(RECORDING, dtype="int16")
    source = scene.folder / f"source-{hours}.wav"
    sf.write(source, np.concatenate([samples, np.zeros(_TAIL_S * rate, np.int16)]), rate)
    started_s = source.stat().st_mtime
    arguments: list[str | Path] = ["run", "--source", source, "--sink", scene.folder / "sink.wav"]
    settings = (f"memory.keep_conversation_h={hours}",)
    with House(
        scene, f"privacy-{hours}", arguments, settings=settings, environment=_at_home(home)
    ) as house:
        # its name is made of the folder that runtime folders are made in
        kept = memory_place(house.runtime / "any")
        house.reached(1, seen(Played))
        probes = [*_words(house.frames(1)), *_sounds(house.frames(1)), *_sound_of(samples)]
        while house.open_turns() and not house.ended:
            time.sleep(0.02)
        lived = not house.ended
        places = [house.folder, home, default_root(), ROOT, *([kept] if kept else [])]
        alive = _traces(places, started_s, probes)
        left = house.end(_TAIL_S + 20)
        ended = _traces(places, started_s, probes)
    if kept is not None:
        shutil.rmtree(kept, ignore_errors=True)
    allowed = [kept] if kept is not None and hours else []
    return {
        "probes": len(probes),
        "while it lives": sorted(map(str, alive)),
        "when it has ended": sorted(map(str, ended)),
        "exit_code": left.exit_code,
        "ok": lived
        and len(probes) > 2
        and {file.parent for file in ended} == set(allowed)  # there it must be, or we are blind
        and all(_HISTORY in each.parts or each.parent in allowed for each in alive),
    }


def _at_home(home: Path) -> dict[str, str]:
    """Return an environment in which nothing is written that is not searched."""
    return {
        "HOME": str(home), "TMPDIR": str(home), "SARAI_CACHE": str(default_root()),
        "SARAI_DATA": str(home), "XDG_STATE_HOME": str(home), "XDG_CACHE_HOME": str(home),
    }  # fmt: skip


def _words(frames: Iterable[AnyFrame]) -> list[bytes]:
    texts = {frame.text for frame in frames if isinstance(frame, Transcript | Clause)}
    return [text.strip().encode() for text in texts if len(text.strip()) > 3]


def _sounds(frames: Iterable[AnyFrame]) -> list[bytes]:
    chunks = [frame.pcm for frame in frames if isinstance(frame, SpeechChunk)]
    return [
        chunk[len(chunk) // 4 * 2 :][: 2 * _PROBE_SAMPLES] for chunk in chunks if len(chunk) > 999
    ]


def _sound_of(samples: Sequence[int]) -> list[bytes]:
    """Return the loudest moment of the question."""
    loudest = int(np.argmax(np.abs(np.asarray(samples, np.int32))))
    return [np.asarray(samples[loudest : loudest + _PROBE_SAMPLES], "<i2").tobytes()]


def _traces(places: Iterable[Path], since_s: float, probes: Sequence[bytes]) -> list[Path]:
    """Return the files touched since then in which a probe is found."""
    found = []
    for place in places:
        for file in place.rglob("*"):
            with contextlib.suppress(OSError):
                if file.is_file() and file.stat().st_mtime >= since_s and ".git" not in file.parts:
                    held = file.read_bytes()
                    if any(probe in held for probe in probes):
                        found.append(file)
    return found
